"""The documentation, and what generates the parts of it that the code says already: `python -m docs.generate`."""
