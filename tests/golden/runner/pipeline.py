"""What a job must run on."""

from pipelinekit import Pipeline, Runner

p = Pipeline("runner", image="python:3.12-slim", targets={"cloudbuild": {}})
p.test("pytest")
p.step("python train.py", name="train", runner=Runner("gpu", "large"))
p.test("pytest", name="test-arm", runner=Runner(arch="arm64"))
p.test("pytest tests/big", name="test-big", runner=Runner(cpus=8, memory="32Gi"))
