"""Secrets by name, at the stages that name them alone."""

from pipelinekit import Pipeline, Secret

p = Pipeline("secrets", image="python:3.12-slim")
p.test("pytest", secrets=[Secret("API_TOKEN"), Secret("DATABASE_URL", stored="TEST_DATABASE_URL")])
p.lint("ruff check .")
