"""Migration, deployment and verification hold one environment together."""

from pipelinekit import Environment, Pipeline, Secret, ci
from pipelinekit.recipes import alembic, smoke

production = Environment("production", url="https://price.example", secrets=[Secret("DATABASE_URL", stored="PRODUCTION_DATABASE_URL")])
p = Pipeline("environment-block", image="python:3.12-slim")
test = p.test("pytest")
migrated = p.migrate(alembic.upgrade(), environment=production, needs=[test])
live = p.deploy("./deploy.sh", environment=production, needs=[migrated])
p.verify(smoke.http("/version", expect=ci.sha), environment=production, needs=[live])
