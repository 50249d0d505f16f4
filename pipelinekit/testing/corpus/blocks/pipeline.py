"""Two environments, one after the other: each is held from its migration to its verification."""

from pipelinekit import Environment, Pipeline, Secret

staging = Environment("staging", secrets=[Secret("DATABASE_URL", stored="STAGING_DATABASE_URL")])
production = Environment("production", secrets=[Secret("DATABASE_URL", stored="PRODUCTION_DATABASE_URL")])
p = Pipeline("blocks", image="debian:12-slim")
before = p.test("test -s src/app.py")
for environment in (staging, production):
    migrated = p.migrate('test -n "$DATABASE_URL"', environment=environment, needs=[before])
    live = p.deploy('test -n "$DATABASE_URL"', environment=environment, needs=[migrated])
    before = p.verify("echo it answers", environment=environment, needs=[live])
