"""A definition that accepts its losses."""

from pipelinekit import Cache, Pipeline, Service

queue = Service("queue", image="redis:7", port=6379)
p = Pipeline(
    "everything-accepted",
    image="python:3.12-slim",
    cache=Cache.pip("requirements.lock"),
    targets={"concourse": {"services": "docker"}},
    accept={
        "drone": {"cache": "a cold start takes a minute", "services": "only one job has it"},
        "cloudbuild": {"cache": "a cold start takes a minute", "services": "only one job has it"},
        "jenkins": {"cache": "a cold start takes a minute"},
    },
)
p.test("pytest", services=[queue])
