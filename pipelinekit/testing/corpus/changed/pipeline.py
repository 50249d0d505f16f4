"""A stage left out of pull requests that don't touch its files."""

from pipelinekit import Pipeline, changed

p = Pipeline("changed", image="debian:12-slim")
p.test("test -s src/app.py")
p.lint("test -s README.md", name="docs", only_if=changed("docs/**", "mkdocs.yml"))
