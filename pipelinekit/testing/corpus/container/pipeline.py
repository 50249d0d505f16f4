"""An image built on every run and published when trunk delivers."""

from pipelinekit import Environment, Pipeline, Registry, Secret, ci
from pipelinekit.recipes import container

quay = Registry("quay.io", username=Secret("QUAY_USER"), password=Secret("QUAY_PASSWORD"))
production = Environment("production")
p = Pipeline("container", image="debian:12-slim")
test = p.test("test -s Dockerfile")
image = p.build(container("quay.io/acme/price", tag=ci.sha, also="latest", registry=quay), needs=[test])
p.deploy(f"test -n {image.ref}", environment=production, needs=[image])
