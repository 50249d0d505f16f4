"""The lock: its file, the registries that it is asked from, and the files that are rendered from it."""
