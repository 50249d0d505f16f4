"""A repository on Drone that doesn't ignore forks: their pull requests can't be told from others."""

from pipelinekit import Pipeline, Secret, on

p = Pipeline("loss-drone-forks", image="debian:12-slim", triggers=[on.pull_request()], targets={"drone": {"ignore_forks": False}})
test = p.test("test -s src/app.py")
p.test('test -n "$API_TOKEN"', name="integration", secrets=[Secret("API_TOKEN")], needs=[test])
