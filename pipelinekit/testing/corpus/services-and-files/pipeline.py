"""A job with a service, files of another job, and a secret."""

from pipelinekit import Pipeline, Secret, Service

db = Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "test"})
p = Pipeline("services-and-files", image="debian:12-slim")
data = p.data_pull("mkdir data && date +%s%N > data/rows.csv", outputs="data/")
test = p.test(
    'test -s data/rows.csv && test -n "$LICENCE"',
    "date +%s%N > report.txt",
    services=[db],
    secrets=[Secret("LICENCE")],
    needs=[data["data/"]],
    outputs="report.txt",
)
p.step('test -s report.txt && test -z "${LICENCE:-}"', name="publish", needs=[test["report.txt"]])
