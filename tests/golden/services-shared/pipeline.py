"""Two jobs that each need a fresh service of one name, and one with two services."""

from pipelinekit import Pipeline, Service

db = Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "test"})
queue = Service("queue", image="redis:7", port=6379, command="redis-server --save ''")
p = Pipeline("services-shared", image="python:3.12-slim", targets={"concourse": {"services": "docker"}})
p.test("pytest tests/store", name="store", services=[db])
p.test("pytest tests/queue", name="queue", services=[db, queue])
p.lint("ruff check .")
