"""Text that other programs read: YAML and shell."""
