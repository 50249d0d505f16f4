"""A stage also runs wherever something that needs it runs."""

from pipelinekit import Pipeline, on

nightly = on.schedule("nightly", "0 2 * * *")
p = Pipeline("event-closure", image="python:3.12-slim", triggers=[on.pull_request()])
data = p.data_pull("python pull.py", outputs="data/")
p.test("pytest", needs=[data["data/"]])
p.step("python retrain.py", name="retrain", on=[nightly, on.push()], needs=[data["data/"]])
