"""Stages with events of their own: one for pull requests, one for pushes, one for both and for a schedule."""

from pipelinekit import Pipeline, ci, on

weekly = on.schedule("weekly", "0 5 * * 1")
p = Pipeline("explicit-events", image="debian:12-slim")
lint = p.lint("test -s README.md", on=[on.push(), on.pull_request(), weekly])
p.test(f'test "{ci.event}" = pull_request', name="preview", on=[on.pull_request()], needs=[lint])
p.step(f'test "{ci.event}" = push', name="publish", on=[on.push()])
p.step(f'test "{ci.event}" = schedule', name="report", on=[weekly], needs=[lint])
