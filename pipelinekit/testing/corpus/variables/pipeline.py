"""Variables of the pipeline and of stages: a stage's own are its alone."""

from pipelinekit import Pipeline

p = Pipeline("variables", image="debian:12-slim", variables={"MODE": "ci", "REGION": "eu-west-1"})
p.test('test "$MODE" = ci && test "$DEPTH" = 3', variables={"DEPTH": "3"})
p.lint('test "$REGION" = eu-west-1')
