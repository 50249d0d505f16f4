"""A report and files to be kept that nobody made change no outcome."""

from pipelinekit import Pipeline

p = Pipeline("reports-that-are-missing", image="debian:12-slim")
test = p.test("test -s src/app.py", reports="reports/junit.xml", keep=["logs/", "score.json"], keep_for="30 days")
p.step("echo after", name="report", needs=[test])
