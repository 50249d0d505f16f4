"""A person is asked between two environments."""

from pipelinekit import Environment, Pipeline

staging, production = Environment("staging"), Environment("production")
p = Pipeline("gate", image="python:3.12-slim", targets={"drone": {"store": "s3://gates"}})
test = p.test("pytest")
tried = p.deploy("./deploy.sh staging", environment=staging, needs=[test])
asked = p.gate("Ship to production?", needs=[tried], timeout="3 days")
p.deploy("./deploy.sh production", environment=production, needs=[asked])
