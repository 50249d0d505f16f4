"""Pushes to release branches, by a star that stays within a part and two that don't."""

from pipelinekit import Pipeline, ci, on

p = Pipeline("branches", image="debian:12-slim", triggers=[on.push(), on.push("release/*", "hotfix/**")])
p.test(f'test -n "{ci.branch}"')
p.step("echo trunk alone", name="publish", on=[on.push()])
