"""A nightly delivery of trunk's tip; pushes are tested alone."""

from pipelinekit import Environment, Pipeline, ci, on

nightly = on.schedule("nightly", "0 4 * * *")
preview = Environment("preview", on=[nightly], variables={"REGION": "eu"})
p = Pipeline("delivery-by-schedule", image="debian:12-slim")
test = p.test("test -s src/app.py")
p.deploy(f'test "{ci.branch}" = main && test "$REGION" = eu', environment=preview, needs=[test])
