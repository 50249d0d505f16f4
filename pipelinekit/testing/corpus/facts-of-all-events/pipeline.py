"""What each fact is on a push, a tag, a schedule and a manual run; one that does not apply is empty."""

from pipelinekit import Environment, Pipeline, ci, on

events = [on.push(), on.push("release/*"), on.pull_request(), on.tag("v*"), on.schedule("nightly", "0 3 * * *"), on.manual("check")]
p = Pipeline("facts-of-all-events", image="debian:12-slim", triggers=events)
facts = " ".join([ci.sha, ci.short_sha, ci.event, ci.branch, ci.target_branch, ci.tag, ci.pull_request, ci.repository, ci.environment])
test = p.test(f'echo "{facts}"')
p.deploy(f'test "{ci.environment}" = production', environment=Environment("production"), needs=[test])
