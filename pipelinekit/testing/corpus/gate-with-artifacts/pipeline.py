"""Files made before a gate are there after it, the same bytes."""

from pipelinekit import Environment, Pipeline

production = Environment("production")
p = Pipeline("gate-with-artifacts", image="debian:12-slim")
wheel = p.build("mkdir -p dist && date +%s%N > dist/app.whl", outputs="dist/")
test = p.test("test -s dist/app.whl", needs=[wheel["dist/"]])
asked = p.gate("Ship it?", needs=[test])
p.deploy("test -s dist/app.whl", environment=production, needs=[asked, wheel["dist/"]])
