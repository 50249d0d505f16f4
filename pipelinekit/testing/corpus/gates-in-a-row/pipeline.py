"""Staging, a question, production for a few, a second question, production for all."""

from pipelinekit import Environment, Pipeline

staging, canary, production = Environment("staging"), Environment("canary"), Environment("production")
p = Pipeline("gates-in-a-row", image="debian:12-slim")
tried = p.deploy("echo to staging", environment=staging, needs=[p.test("test -s src/app.py")])
few = p.gate("Ship to a few?", name="few", needs=[tried])
some = p.deploy("echo to a few", environment=canary, needs=[few])
every = p.gate("Ship to all?", name="every", needs=[some])
p.deploy("echo to all", environment=production, needs=[every])
