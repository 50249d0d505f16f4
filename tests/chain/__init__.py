"""What this package is made of and takes along: locked, listed, looked up, and made the same each time."""
