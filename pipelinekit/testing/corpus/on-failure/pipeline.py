"""A stage that starts after all others when one of them has failed."""

from pipelinekit import Pipeline

p = Pipeline("on-failure", image="debian:12-slim")
p.test("test -s src/app.py", needs=[p.lint("test -s README.md")])
p.step("echo it failed", name="notify", when="on_failure")
