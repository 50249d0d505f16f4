"""A nightly run of trunk, with a stage of its own."""

from pipelinekit import Pipeline, on

nightly = on.schedule("nightly", "30 3 * * *")
p = Pipeline("event-schedule", image="python:3.12-slim", triggers=[on.push(), nightly])
test = p.test("pytest")
p.step("python retrain.py", name="retrain", on=[nightly], needs=[test], timeout="4h")
