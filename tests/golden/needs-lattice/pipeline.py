"""An order that is no nest of rows and forks: each of two later stages needs another pair of the earlier ones."""

from pipelinekit import Pipeline

p = Pipeline("needs-lattice", image="python:3.12-slim")
a = p.lint("ruff check .", name="style")
b = p.lint("mypy .", name="types")
c = p.test("pytest tests/unit", name="unit", needs=[a])
d = p.test("pytest tests/all", name="all-tests", needs=[a, b])
p.step("python report.py", name="report", needs=[c, d])
