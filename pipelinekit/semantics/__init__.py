"""What a pipeline means: which jobs an event starts, and in what order they come."""
