"""What a job is told of commit and branch is the same behind a gate."""

from pipelinekit import Environment, Pipeline, ci

p = Pipeline("gate-with-facts", image="debian:12-slim")
test = p.test(f"test -n {ci.sha}")
asked = p.gate("Ship it?", needs=[test])
p.deploy(
    f'test "{ci.branch}" = main && test -n {ci.sha} && test -n {ci.short_sha}',
    f'test "{ci.repository}" = acme/widget && test "{ci.environment}" = production && test -z "{ci.tag}{ci.pull_request}"',
    environment=Environment("production"),
    needs=[asked],
)
