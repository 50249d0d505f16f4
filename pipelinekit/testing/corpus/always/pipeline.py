"""A stage that starts after all others, however they ended."""

from pipelinekit import Pipeline

p = Pipeline("always", image="debian:12-slim")
p.test("test -s src/app.py", needs=[p.lint("test -s README.md")])
p.step("echo swept", name="clean", when="always")
