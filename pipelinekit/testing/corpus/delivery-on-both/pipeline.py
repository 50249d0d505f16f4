"""One environment that takes pushes to trunk and tags; a tag counts only if its commit is on trunk."""

from pipelinekit import Environment, Pipeline, on

demo = Environment("demo", on=[on.push(), on.tag("demo-*")])
p = Pipeline("delivery-on-both", image="debian:12-slim")
p.deploy("echo shown", environment=demo, needs=[p.test("test -s src/app.py")])
