"""Stages in a row."""

from pipelinekit import Pipeline

p = Pipeline("needs-chain", image="python:3.12-slim")
lint = p.lint("ruff check .")
test = p.test("pytest", needs=[lint])
p.step("python report.py", name="report", needs=[test])
