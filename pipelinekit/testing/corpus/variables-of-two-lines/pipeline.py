"""A value with a line break in it, and one that ends with one."""

from pipelinekit import Pipeline

p = Pipeline("variables-of-two-lines", image="debian:12-slim")
p.test(
    'test "$(printf %s "$NOTES" | wc -l)" -eq 1',
    'test "$(printf %s "$FILE" | wc -l)" -eq 2',
    variables={"NOTES": "one\ntwo", "FILE": "a: 1\nb: 2\n"},
)
