"""A person is asked between two environments."""

from pipelinekit import Environment, Pipeline

staging, production = Environment("staging"), Environment("production")
p = Pipeline("gate", image="debian:12-slim")
test = p.test("test -s src/app.py")
tried = p.deploy("echo to staging", environment=staging, needs=[test])
asked = p.gate("Ship to production?", needs=[tried])
p.deploy("echo to production", environment=production, needs=[asked])
