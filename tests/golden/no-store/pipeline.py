"""What some systems can only do with a store of their own, asked for without one."""

from pipelinekit import Environment, Pipeline

production = Environment("production")
p = Pipeline("no-store", image="python:3.12-slim")
wheel = p.build("python -m build --wheel", outputs="dist/", keep="dist/*.whl")
asked = p.gate("Ship it?", needs=[wheel])
p.deploy("./upload.sh dist/", environment=production, needs=[asked, wheel["dist/"]])
