"""Two jobs that share a machine never overlap; a third takes part in nothing."""

from pipelinekit import Pipeline

p = Pipeline("lock", image="debian:12-slim")
p.step("echo a", name="train-a", lock="gpu-box")
p.step("echo b", name="train-b", lock="gpu-box")
p.test("test -s src/app.py")
