"""Twelve stages between a first and a last one."""

from pipelinekit import Pipeline

p = Pipeline("fan-of-twelve", image="debian:12-slim")
first = p.lint("test -s README.md")
parts = [p.test("test -s src/app.py", name=f"part-{number}", needs=[first]) for number in range(1, 13)]
p.step("echo all passed", name="report", needs=parts)
