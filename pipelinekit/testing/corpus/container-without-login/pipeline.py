"""An image for a registry that the workers may write to anyway, and a stage that must find it there."""

from pipelinekit import Environment, Pipeline, ci
from pipelinekit.recipes import container

p = Pipeline("container-without-login", image="debian:12-slim")
image = p.build(container("europe-west1-docker.pkg.dev/acme-ci/images/price", tag=ci.sha))
p.deploy(f"test -n {image.ref}", environment=Environment("production"), needs=[image])
