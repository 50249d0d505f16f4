"""A script that leaves early still has to have made its output."""

from pipelinekit import Pipeline

p = Pipeline("artifacts-after-exit", image="python:3.12-slim")
data = p.step("test -e stale || exit 0", "python make.py", name="make", outputs="data/")
p.test("pytest", needs=[data["data/"]])
