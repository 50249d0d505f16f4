"""A database beside the tests, fresh and ready."""

from pipelinekit import Pipeline, Service

db = Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "test"})
p = Pipeline("services", image="python:3.12-slim", targets={"concourse": {"services": "docker"}})
p.test("pytest", services=[db], variables={"DATABASE_HOST": "db"})
