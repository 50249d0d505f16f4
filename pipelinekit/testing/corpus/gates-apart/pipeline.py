"""Two questions that have nothing to do with one another; a stage beside them asks nobody."""

from pipelinekit import Environment, Pipeline

europe, america = Environment("europe"), Environment("america")
p = Pipeline("gates-apart", image="debian:12-slim")
test = p.test("test -s src/app.py")
for environment in (europe, america):
    asked = p.gate(f"Ship to {environment}?", name=f"ask-{environment}", needs=[test])
    p.deploy(f"echo to {environment}", environment=environment, needs=[asked])
p.step("echo no question", name="report", needs=[test])
