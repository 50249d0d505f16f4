"""Two stages between a first and a last one."""

from pipelinekit import Pipeline

p = Pipeline("needs-diamond", image="python:3.12-slim")
first = p.lint("ruff check .")
left = p.test("pytest tests/unit", name="unit", needs=[first])
right = p.test("pytest tests/model", name="model", needs=[first])
p.step("python report.py", name="report", needs=[left, right])
