"""Each cell of a matrix has a database of its own."""

from pipelinekit import Matrix, Pipeline, Service

db = Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "test"})
p = Pipeline("services-of-cells", image="debian:12-slim")
test = p.test('test -n "$SUITE"', services=[db], matrix=Matrix("suite", "fast", "slow"))
p.step("echo after", name="report", needs=[test])
