"""A tag that delivers, with a stage for failures: a tag beside trunk delivers nothing."""

from pipelinekit import Environment, Pipeline, on

release = on.tag("v*")
p = Pipeline("tag-and-failure", image="debian:12-slim", triggers=[on.push()])
p.deploy("echo shipped", environment=Environment("store", on=[release]), needs=[p.test("test -s src/app.py")])
p.step("echo it failed", name="notify", when="on_failure", on=[release])
