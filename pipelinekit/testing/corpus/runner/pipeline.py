"""Jobs that ask for a worker: by its label, by its architecture."""

from pipelinekit import Pipeline, Runner

p = Pipeline("runner", image="debian:12-slim")
train = p.step("test -s src/app.py", name="train", runner=Runner("gpu"))
p.test("test -s README.md", runner=Runner(arch="amd64"), needs=[train])
