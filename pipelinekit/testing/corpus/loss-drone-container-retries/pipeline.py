"""A container build that is tried again: a plugin of Drone's is tried once."""

from pipelinekit import Environment, Pipeline, ci
from pipelinekit.recipes import container

production = Environment("production")
p = Pipeline("loss-drone-container-retries", image="debian:12-slim")
test = p.test("test -s Dockerfile")
image = p.build(container("quay.io/acme/price", tag=ci.sha), needs=[test], retries=2)
p.deploy(f"test -n {image.ref}", environment=production, needs=[image])
