"""A secret that arrives as a file."""

from pipelinekit import Pipeline, Secret

p = Pipeline("secrets-as-files", image="python:3.12-slim")
p.test('python train.py --credentials "$KEY_FILE"', secrets=[Secret("KEY_FILE", file=True)])
