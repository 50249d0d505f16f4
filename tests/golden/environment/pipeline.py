"""One environment, one stage: a deployment on every push to trunk."""

from pipelinekit import Environment, Pipeline, Secret, ci

production = Environment("production", url="https://price.example", variables={"REGION": "eu"}, secrets=[Secret("DEPLOY_KEY")])
p = Pipeline("environment", image="python:3.12-slim")
test = p.test("pytest")
p.deploy(f"./deploy.sh {production} {ci.sha}", environment=production, needs=[test])
