"""Files of a stage inside the image's context; the image runs a later stage."""

from pipelinekit import Environment, Pipeline, ci
from pipelinekit.recipes import container

production = Environment("production")
p = Pipeline("container-with-artifacts", image="debian:12-slim")
wheel = p.build("mkdir -p dist && date +%s%N > dist/app.whl", name="wheel", outputs="dist/")
image = p.build(container("registry.example.com/acme/price", tag=ci.short_sha), name="package", needs=[wheel["dist/"]])
p.deploy("echo deployed", environment=production, image=image.ref, setup="", needs=[image])
