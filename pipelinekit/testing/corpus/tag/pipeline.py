"""A tag starts a release, and delivers only if its commit is on trunk."""

from pipelinekit import Environment, Pipeline, ci, on

store = Environment("store", on=[on.tag("v*")])
p = Pipeline("tag", image="debian:12-slim")
test = p.test("test -s src/app.py")
p.deploy(f'test -n "{ci.tag}" && test "{ci.event}" = tag', environment=store, needs=[test])
