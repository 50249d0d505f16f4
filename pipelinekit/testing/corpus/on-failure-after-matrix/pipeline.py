"""One cell that fails is a failure; one that may fail is none."""

from pipelinekit import Matrix, Pipeline

python = Matrix("python", "3.11", "3.12")
p = Pipeline("on-failure-after-matrix", image="debian:12-slim")
p.test(f"test -n {python}", matrix=python)
p.lint("test -s README.md", name="audit", allow_failure=True)
p.step("echo it failed", name="notify", when="on_failure")
