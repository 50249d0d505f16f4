"""A tag starts a release, and delivers only if its commit is on trunk."""

from pipelinekit import Environment, Pipeline, Secret, ci, on

store = Environment("store", on=[on.tag("v*")], secrets=[Secret("UPLOAD_TOKEN")])
p = Pipeline("event-tags", image="python:3.12-slim", triggers=[on.push(), on.tag("v*")])
test = p.test("pytest")
p.deploy(f'./upload.sh "{ci.tag}"', environment=store, needs=[test])
