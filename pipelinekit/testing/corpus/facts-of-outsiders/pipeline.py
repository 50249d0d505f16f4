"""Texts that outsiders choose reach scripts as variables."""

from pipelinekit import Pipeline, ci

p = Pipeline("facts-of-outsiders", image="debian:12-slim")
p.test(f'test -n "{ci.author}" && test -n "{ci.title}"')
p.lint(f'test -n "{ci.branch}" && test "{ci.tag}" = ""')
