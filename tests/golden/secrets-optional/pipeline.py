"""A secret that may be missing."""

from pipelinekit import Pipeline, Secret

p = Pipeline("secrets-optional", image="python:3.12-slim")
p.test("pytest", secrets=[Secret("CODECOV_TOKEN", optional=True)])
