"""What a user writes; see `pipelinekit` for the table of contents."""
