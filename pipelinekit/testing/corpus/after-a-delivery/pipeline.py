"""Stages after all others around a delivery that a person approves."""

from pipelinekit import Environment, Pipeline

production = Environment("production")
p = Pipeline("after-a-delivery", image="debian:12-slim")
asked = p.gate("Ship it?", needs=[p.test("test -s src/app.py")])
p.deploy("echo shipped", environment=production, needs=[asked])
p.step("echo it failed", name="notify", when="on_failure")
p.step("echo swept", name="sweep", when="always")
