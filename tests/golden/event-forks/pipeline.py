"""Pull requests from forks run what needs no secret."""

from pipelinekit import Pipeline, Secret, on

p = Pipeline("event-forks", image="python:3.12-slim", triggers=[on.push(), on.pull_request(forks=True)])
p.test("pytest")
p.test("pytest tests/integration", name="integration", secrets=[Secret("API_TOKEN")])
