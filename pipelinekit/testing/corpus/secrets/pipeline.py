"""Secrets by name, at the stages that name them alone; one is stored under another key."""

from pipelinekit import Pipeline, Secret

p = Pipeline("secrets", image="debian:12-slim")
p.test(
    'test -n "$API_TOKEN" && test -n "$DATABASE_URL"',
    secrets=[Secret("API_TOKEN"), Secret("DATABASE_URL", stored="TEST_DATABASE_URL")],
)
p.lint("test -s src/app.py")
