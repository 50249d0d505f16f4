"""Text survives: what a definition says is what the shell gets, by each engine's own code.

`python -m tests.fuzz` tries so many strings in each place of an engine's file and prints how many came out otherwise: none.
"""
