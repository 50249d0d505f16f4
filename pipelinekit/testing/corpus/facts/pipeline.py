"""Values known only when the pipeline runs; a job sees those that it mentions."""

from pipelinekit import Pipeline, ci

p = Pipeline("facts", image="debian:12-slim")
p.lint(f'test "$(echo {ci.sha} | cut -c1-8)" = {ci.short_sha}')
p.test(f'test "{ci.event}" = push || test "{ci.event}" = pull_request', f'test "{ci.repository}" = acme/widget')
