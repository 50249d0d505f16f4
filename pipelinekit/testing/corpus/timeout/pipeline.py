"""An attempt is bounded; one that hangs ends as failed."""

from pipelinekit import Pipeline

p = Pipeline("timeout", image="debian:12-slim")
test = p.test("test -s src/app.py", timeout="5m")
p.step("echo after", name="report", needs=[test])
