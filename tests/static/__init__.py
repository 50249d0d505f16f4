"""What linters make of the emitted files: shellcheck of every script, each system's public linter, and rules of our own where it has none."""
