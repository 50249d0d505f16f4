"""Each attempt has a fresh service."""

from pipelinekit import Pipeline, Service

db = Service("db", image="postgres:16", port=5432)
p = Pipeline("retries-with-services", image="debian:12-slim")
test = p.test("test ! -e used && touch used", services=[db], retries=1)
p.step("echo after", name="report", needs=[test])
