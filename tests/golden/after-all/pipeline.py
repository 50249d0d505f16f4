"""Stages after all others: when one has failed, and in any case."""

from pipelinekit import Pipeline

p = Pipeline(
    "after-all", image="python:3.12-slim", accept={"cloudbuild": {"on_failure": "seen in the notifications", "always": "swept at night"}}
)
p.test("pytest", needs=[p.lint("ruff check .")])
p.step("python notify.py failed", name="notify", when="on_failure")
p.step("python clean.py", name="clean", when="always")
