"""A fork's run builds the image without signing in anywhere, and leaves out what has a key in a file."""

from pipelinekit import Environment, Pipeline, Registry, Secret, ci, on
from pipelinekit.recipes import container

quay = Registry("quay.io", username=Secret("QUAY_USER"), password=Secret("QUAY_PASSWORD"))
p = Pipeline("forks-and-registry", image="debian:12-slim", triggers=[on.push(), on.pull_request(forks=True)])
test = p.test("test -s Dockerfile")
p.test('test -s "$KEY"', name="signed", secrets=[Secret("KEY", stored="SIGNING_KEY", file=True)], needs=[test])
image = p.build(container("quay.io/acme/price", tag=ci.sha, registry=quay), needs=[test])
p.deploy(f"test -n {image.ref}", environment=Environment("production"), needs=[image])
