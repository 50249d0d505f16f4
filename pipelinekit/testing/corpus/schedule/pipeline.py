"""A nightly run of trunk, with a stage of its own."""

from pipelinekit import Pipeline, ci, on

nightly = on.schedule("nightly", "30 3 * * *")
p = Pipeline("schedule", image="debian:12-slim", triggers=[on.push(), nightly])
test = p.test("test -s src/app.py")
p.step(f'test "{ci.event}" = schedule && test "{ci.branch}" = main', name="retrain", on=[nightly], needs=[test])
