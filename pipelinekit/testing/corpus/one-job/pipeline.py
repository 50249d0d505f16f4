"""The smallest pipeline: one command on every push to trunk and every pull request."""

from pipelinekit import Pipeline

p = Pipeline("one-job", image="debian:12-slim")
p.test("test -s src/app.py")
