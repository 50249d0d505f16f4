"""Stages that may fail, one after the other and of a matrix, before one that may not."""

from pipelinekit import Matrix, Pipeline

python = Matrix("python", "3.12", "3.13")
p = Pipeline("allow-failure-in-a-row", image="debian:12-slim")
audit = p.lint("test -s requirements.lock", name="audit", allow_failure=True, retries=1)
early = p.test(f"test -n {python}", name="early", matrix=python, allow_failure=True, needs=[audit])
p.test("test -s src/app.py", needs=[early])
