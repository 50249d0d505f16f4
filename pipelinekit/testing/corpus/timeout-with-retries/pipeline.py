"""Each attempt has the whole time; one that hangs is tried again."""

from pipelinekit import Pipeline

p = Pipeline("timeout-with-retries", image="debian:12-slim", timeout="30m")
flaky = p.step("echo tried", name="flaky", timeout="5m", retries=2)
p.test("test -s src/app.py", needs=[flaky])
