"""The escape hatch: text of one system, merged last."""

from pipelinekit import Pipeline

p = Pipeline("raw", image="python:3.12-slim", raw={"gitlab": {"workflow": {"name": "Checks"}}})
p.test("pytest", raw={"gitlab": {"coverage": "/TOTAL.*? (\\d+%)/"}, "drone": {"pull": "always"}, "concourse": {"public": True}})
