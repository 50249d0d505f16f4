"""Values known only when the pipeline runs."""

from pipelinekit import Pipeline, ci

p = Pipeline("facts", image="python:3.12-slim")
p.lint(f"echo {ci.sha} {ci.short_sha}")
p.test(f'echo "{ci.event} {ci.branch} {ci.target_branch} {ci.tag} {ci.pull_request} {ci.repository}"')
