"""Jobs that share a machine never overlap, across runs."""

from pipelinekit import Pipeline

p = Pipeline("lock", image="python:3.12-slim", accept={"drone": {"lock": "one runner has the box"}})
p.step("python train.py --model a", name="train-a", lock="gpu-box")
p.step("python train.py --model b", name="train-b", lock="gpu-box")
