"""A trunk of another name."""

from pipelinekit import Environment, Pipeline, ci, on

p = Pipeline("trunk", image="debian:12-slim", trunk="trunk/2.0", triggers=[on.push(), on.pull_request(), on.push("main")])
test = p.test(f'test "{ci.branch}" != "{ci.target_branch}"')
p.deploy(f'test "{ci.branch}" = trunk/2.0', environment=Environment("production"), needs=[test])
