"""Variables of the pipeline and of stages; values that YAML readers like to change."""

from pipelinekit import Pipeline

p = Pipeline("variables", image="python:3.12-slim", variables={"MODE": "ci", "EMPTY": ""})
p.test("pytest", variables={"VERSION": "3.10", "ANSWER": "yes", "OCTAL": "012", "PRICE": "$5 \\ 'n' \"more\"", "MODE": "test"})
p.lint("ruff check .")
