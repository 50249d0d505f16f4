"""A stage whose failure lets the run pass, and what needs it run."""

from pipelinekit import Pipeline

p = Pipeline("allow-failure", image="debian:12-slim")
audit = p.lint("test -s requirements.lock", name="audit", allow_failure=True)
p.test("test -s src/app.py", needs=[audit])
