"""Two jobs that each need a fresh service of one name, one with a second service beside it."""

from pipelinekit import Pipeline, Service

db = Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "test"})
queue = Service("queue", image="redis:7", port=6379, command="redis-server --save ''")
p = Pipeline("services-shared", image="debian:12-slim")
p.test("echo db", name="store", services=[db])
p.test("echo db and queue", name="queue", services=[db, queue])
