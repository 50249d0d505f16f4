"""The commit's history, and the tags, where a stage asks for them."""

from pipelinekit import Checkout, Pipeline, ci, on

p = Pipeline("checkout", image="debian:12", triggers=[on.push(), on.pull_request(), on.tag("v*")])
p.test('test "$(git rev-list --count HEAD)" -gt 1', name="history", checkout=Checkout(history=True))
p.step(f'test "$(git describe --tags)" = "{ci.tag}"', name="release", on=[on.tag("v*")], checkout=Checkout(history=True, tags=True))
