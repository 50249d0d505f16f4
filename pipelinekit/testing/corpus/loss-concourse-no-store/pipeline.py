"""Files that go from job to job where there is nothing to carry them: on Concourse, without a bucket, their stages share a job."""

from pipelinekit import Environment, Pipeline

p = Pipeline("loss-concourse-no-store", image="debian:12-slim", targets={"concourse": {"bucket": ""}})
style = p.lint("test -s src/app.py")
wheel = p.build("mkdir -p dist && date +%s%N > dist/app.whl", outputs=["dist/"], needs=[style])
tested = p.test("test -s dist/app.whl", needs=[wheel["dist/"]])
p.deploy("test -s dist/app.whl", environment=Environment("production"), needs=[tested, wheel["dist/"]])
