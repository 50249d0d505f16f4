"""A stage left out of pull requests that don't touch its files."""

from pipelinekit import Pipeline, changed

p = Pipeline("changed", image="python:3.12-slim")
p.test("pytest")
p.lint("mkdocs build --strict", name="docs", only_if=changed("docs/**", "mkdocs.yml"))
