"""Two jobs side by side fail for the same reason: Concourse, which knows no end of a run, follows up each of them."""

from pipelinekit import Pipeline, Secret

token = Secret("API_TOKEN")
p = Pipeline("loss-concourse-two-failures", image="debian:12-slim")
p.test('test -n "$API_TOKEN"', name="service", secrets=[token])
p.test('test -n "$API_TOKEN"', name="batch", secrets=[token])
p.step("echo it failed", name="notify", when="on_failure")
p.step("echo swept", name="clean", when="always")
