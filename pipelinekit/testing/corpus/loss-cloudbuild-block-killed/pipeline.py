"""A stage that fails beside a block: where the first failure ends everything, the block is ended too."""

from pipelinekit import Environment, Pipeline

p = Pipeline("loss-cloudbuild-block-killed", image="debian:12-slim")
built = p.build("test -s src/app.py", name="check")
p.deploy("sleep 1", "echo it is there", environment=Environment("production"), needs=[built])
p.test("test -s README.md", name="docs", needs=[built])
