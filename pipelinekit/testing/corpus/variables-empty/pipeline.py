"""A variable declared empty is there and empty; one that takes the place of another can be, too."""

from pipelinekit import Pipeline

p = Pipeline("variables-empty", image="debian:12-slim", variables={"FLAGS": "", "MODE": "ci"})
p.test('test "${FLAGS+set}" = set && test -z "$FLAGS" && test "$MODE" = ci')
p.lint('test "${MODE+set}" = set && test -z "$MODE"', variables={"MODE": ""})
