"""Stages in a row."""

from pipelinekit import Pipeline

p = Pipeline("chain", image="debian:12-slim")
lint = p.lint("test -s src/app.py")
test = p.test("cat src/app.py", "test -s README.md", needs=[lint])
p.step("wc -l README.md", name="report", needs=[test])
