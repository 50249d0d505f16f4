"""The lock file, and the registries that it is made from. Only `file` is needed to render."""
