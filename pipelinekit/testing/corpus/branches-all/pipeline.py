"""Pushes to every branch; trunk's own are another event, which delivers."""

from pipelinekit import Environment, Pipeline, ci, on

p = Pipeline("branches-all", image="debian:12-slim", triggers=[on.push(), on.push("**")])
test = p.test(f'test "{ci.event}" = push')
p.deploy(f'test "{ci.branch}" = main', environment=Environment("production"), needs=[test])
