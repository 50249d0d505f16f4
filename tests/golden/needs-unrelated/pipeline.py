"""Two chains that have nothing to do with one another."""

from pipelinekit import Pipeline

p = Pipeline("needs-unrelated", image="python:3.12-slim")
p.test("pytest service", name="service", needs=[p.lint("ruff check service", name="lint-service")])
p.test("pytest batch", name="batch", needs=[p.lint("ruff check batch", name="lint-batch")])
