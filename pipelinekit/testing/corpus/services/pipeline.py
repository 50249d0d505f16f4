"""A database beside the tests, fresh and ready."""

from pipelinekit import Pipeline, Service

db = Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "test"})
p = Pipeline("services", image="debian:12-slim")
lint = p.lint("test -s README.md")
p.test('test "$DATABASE_HOST" = db', services=[db], variables={"DATABASE_HOST": "db"}, needs=[lint])
