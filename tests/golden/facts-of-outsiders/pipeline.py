"""Texts that outsiders choose reach scripts as variables."""

from pipelinekit import Pipeline, ci

p = Pipeline(
    "facts-of-outsiders", image="python:3.12-slim", accept={"gitlab": {"outsiders": "only maintainers push branches and tags here"}}
)
p.step(f'python changelog.py "{ci.author}" "{ci.title}"', name="changelog")
