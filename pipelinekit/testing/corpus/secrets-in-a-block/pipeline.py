"""Each stage of an environment sees the secrets of the environment and its own, and none of the others'."""

from pipelinekit import Environment, Pipeline, Secret

production = Environment("production", secrets=[Secret("DATABASE_URL")])
p = Pipeline("secrets-in-a-block", image="debian:12-slim")
migrated = p.migrate(
    'test -n "$DATABASE_URL" && test -n "$OWNER_PASSWORD" && test -z "${DEPLOY_KEY:-}"',
    environment=production,
    secrets=[Secret("OWNER_PASSWORD", stored="PRODUCTION_OWNER_PASSWORD")],
)
live = p.deploy(
    'test -n "$DATABASE_URL" && test -s "$DEPLOY_KEY" && test -z "${OWNER_PASSWORD:-}"',
    environment=production,
    secrets=[Secret("DEPLOY_KEY", file=True)],
    needs=[migrated],
)
p.verify('test -n "$DATABASE_URL" && test -z "${DEPLOY_KEY:-}"', environment=production, needs=[live])
