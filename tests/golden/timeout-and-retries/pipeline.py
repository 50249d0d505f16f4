"""An attempt is bounded; a failed one is tried again on a fresh tree."""

from pipelinekit import Pipeline

p = Pipeline("timeout-and-retries", image="python:3.12-slim")
p.test("pytest", timeout="15m")
p.data_pull("python download.py", retries=2)
p.step("python flaky.py", name="flaky", timeout="90s", retries=4)
