"""The parts of `docs.generate`: tables from the code, examples that are run, the picture."""
