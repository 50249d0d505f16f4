"""Files of a stage inside the image's context; the image runs a later stage."""

from pipelinekit import Environment, Pipeline, ci
from pipelinekit.recipes import container

production = Environment("production")
p = Pipeline("container-with-artifacts", image="python:3.12-slim")
wheel = p.build("python -m build --wheel", name="wheel", outputs="dist/")
image = p.build(
    container("registry.example.com/acme/price", tag=ci.short_sha, context="service", dockerfile="service/Containerfile"),
    name="package",
    needs=[wheel["dist/"]],
)
p.deploy("python -m price.deploy", environment=production, image=image.ref, setup="", needs=[image])
