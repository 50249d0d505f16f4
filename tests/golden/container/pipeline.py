"""An image built on every run and published when trunk delivers."""

from pipelinekit import Environment, Pipeline, Registry, Secret, ci
from pipelinekit.recipes import container

quay = Registry("quay.io", username=Secret("QUAY_USER"), password=Secret("QUAY_PASSWORD"))
production = Environment("production")
p = Pipeline("container", image="python:3.12-slim")
test = p.test("pytest")
image = p.build(
    container("quay.io/acme/price", tag=ci.sha, also="latest", args={"PYTHON": "3.12"}, registry=quay),
    needs=[test],
)
p.deploy(f"./deploy.sh {image.ref}", environment=production, needs=[image])
