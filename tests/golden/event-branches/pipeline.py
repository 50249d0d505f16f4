"""Pushes to other branches than trunk."""

from pipelinekit import Pipeline, on

p = Pipeline("event-branches", image="python:3.12-slim", triggers=[on.push(), on.push("release/*", "hotfix/**")])
p.test("pytest")
p.lint("ruff check .", on=[on.push()])
