"""Churn model: tested, packed, and shipped when somebody says so."""

from pipelinekit import Environment, Pipeline, Secret, ci
from pipelinekit.recipes import container, dvc

production = Environment("production", secrets=[Secret("DEPLOY_TOKEN")])

p = Pipeline(
    "churn",
    image="python:3.12-slim",
    setup="pip install -r requirements.lock",
    targets={"drone": {"store": "s3://churn-builds"}},
)
lint = p.lint("ruff check .")
data = p.data_pull(dvc.pull("data/"))
test = p.test("pytest", needs=[data["data/"]])
image = p.build(
    container("registry.example.com/churn", tag=ci.sha),
    needs=[lint, test],
)
agreed = p.gate("Ship it?", needs=[image])
p.deploy(
    f"./deploy.sh {image.ref}",
    environment=production,
    needs=[agreed],
)
