"""Pull requests alone, with a newer run cancelling the older."""

from pipelinekit import Pipeline, on

p = Pipeline("event-pull-requests", image="python:3.12-slim", triggers=[on.pull_request()], cancel_superseded=True)
p.test("pytest")
