"""Files made before a gate are there after it."""

from pipelinekit import Environment, Pipeline

production = Environment("production")
p = Pipeline(
    "gate-with-artifacts",
    image="python:3.12-slim",
    targets={"cloudbuild": {"bucket": "acme-ci"}, "drone": {"store": "s3://acme-ci/runs"}, "concourse": {"bucket": "acme-ci"}},
)
wheel = p.build("python -m build --wheel", outputs="dist/")
test = p.test("pip install dist/*.whl && pytest", needs=[wheel["dist/"]])
asked = p.gate("Ship it?", needs=[test])
p.deploy("./upload.sh dist/", environment=production, needs=[asked, wheel["dist/"]])
