"""A stage's variable takes the place of the pipeline's, there alone; cells see it beside their own values."""

from pipelinekit import Matrix, Pipeline

size = Matrix("size", "small", "large")
p = Pipeline("variables-replaced", image="debian:12-slim", variables={"MODE": "ci", "DEPTH": "1"})
p.test('test "$MODE" = deep && test "$DEPTH" = 1', variables={"MODE": "deep"})
p.step(f'test "$MODE" = ci && test "$DEPTH" = 2 && test -n {size}', name="train", matrix=size, variables={"DEPTH": "2"})
p.lint('test "$MODE" = ci && test "$DEPTH" = 1')
