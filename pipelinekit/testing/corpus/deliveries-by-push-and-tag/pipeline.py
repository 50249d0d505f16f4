"""Trunk goes to staging, a tag to production; both need the same check."""

from pipelinekit import Environment, Pipeline, ci, on

staging = Environment("staging")
production = Environment("production", on=[on.tag("v*")])
p = Pipeline("deliveries-by-push-and-tag", image="debian:12-slim")
wheel = p.build("mkdir -p dist && date +%s%N > dist/app.whl", outputs="dist/")
p.deploy(f"test -s dist/app.whl && test {ci.event} = push", environment=staging, needs=[wheel["dist/"]])
p.deploy(f"test -s dist/app.whl && test {ci.event} = tag", environment=production, needs=[wheel["dist/"]])
