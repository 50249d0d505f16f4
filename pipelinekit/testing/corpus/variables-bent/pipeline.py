"""Texts that a YAML 1.1 reader takes for something else."""

from pipelinekit import Pipeline

words = {
    "VERSION": "3.10",
    "ANSWER": "yes",
    "SWITCH": "off",
    "NOTHING": "null",
    "TILDE": "~",
    "OCTAL": "012",
    "HEX": "0x1F",
    "FLOAT": "1e3",
    "GROUPED": "1_000",
    "CLOCK": "12:30:45",
    "DAY": "2026-01-02",
    "MERGE": "<<",
}
p = Pipeline("variables-bent", image="debian:12-slim", variables=words)
p.test(*(f"test \"${name}\" = '{word}'" for name, word in words.items()))
