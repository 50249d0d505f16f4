"""Pull requests from forks run what needs no secret."""

from pipelinekit import Pipeline, Secret, on

p = Pipeline("forks", image="debian:12-slim", triggers=[on.push(), on.pull_request(forks=True)])
test = p.test("test -s src/app.py")
p.test('test -n "$API_TOKEN"', name="integration", secrets=[Secret("API_TOKEN")], needs=[test])
