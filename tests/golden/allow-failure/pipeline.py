"""A stage whose failure lets the run pass."""

from pipelinekit import Pipeline

p = Pipeline("allow-failure", image="python:3.12-slim")
audit = p.lint("pip-audit", name="audit", allow_failure=True)
p.test("pytest", needs=[audit])
