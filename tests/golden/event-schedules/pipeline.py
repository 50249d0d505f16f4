"""Two schedules that start different stages."""

from pipelinekit import Pipeline, on

hourly, weekly = on.schedule("hourly", "15 * * * *"), on.schedule("weekly", "0 5 * * 1")
p = Pipeline("event-schedules", image="python:3.12-slim")
p.step("python fetch.py", name="fetch", on=[hourly])
p.step("python retrain.py", name="retrain", on=[weekly])
p.test("pytest")
