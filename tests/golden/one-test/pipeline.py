"""The smallest pipeline: one command on every push to trunk and every pull request."""

from pipelinekit import Pipeline

p = Pipeline("one-test", image="python:3.12-slim")
p.test("pytest")
