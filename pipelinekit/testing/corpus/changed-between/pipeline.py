"""A stage that files may leave out stands between two others: they keep their order without it."""

from pipelinekit import Pipeline, changed, on

p = Pipeline("changed-between", image="debian:12-slim", triggers=[on.push(), on.pull_request()])
first = p.lint("test -s src/app.py")
maybe = p.test("test -s src/app.py", name="train", only_if=changed("models/**"), needs=[first])
p.step("echo written", name="report", needs=[maybe])
