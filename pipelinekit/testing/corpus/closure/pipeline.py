"""A check that also runs at night, since what runs at night needs it."""

from pipelinekit import Pipeline, on

nightly = on.schedule("nightly", "0 2 * * *")
p = Pipeline("closure", image="debian:12-slim", triggers=[on.pull_request()])
data = p.data_pull("mkdir -p data && date +%s%N > data/rows.csv", outputs="data/")
checked = p.test("test -s data/rows.csv", needs=[data["data/"]])
p.step("test -s data/rows.csv", name="retrain", on=[nightly], needs=[checked, data["data/"]])
p.lint("test -s README.md")
