"""Data by DVC, pulled once and handed to who asks for it."""

from pipelinekit import Pipeline, Secret
from pipelinekit.recipes import dvc

p = Pipeline("data", image="python:3.12-slim", setup="pip install -r requirements.lock")
data = p.data_pull(dvc.pull("data/", secrets=[Secret("AWS_ACCESS_KEY_ID"), Secret("AWS_SECRET_ACCESS_KEY")], lock="data.dvc"))
p.test("pytest", needs=[data["data/"]])
