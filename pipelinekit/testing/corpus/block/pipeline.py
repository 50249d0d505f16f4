"""One environment is held from its migration to its verification, with a stage of no environment in between."""

from pipelinekit import Environment, Pipeline, Secret, on

production = Environment("production", secrets=[Secret("DATABASE_URL", stored="PRODUCTION_DATABASE_URL")])
p = Pipeline("block", image="debian:12-slim")
wheel = p.build("mkdir -p dist && date +%s%N > dist/app.whl", outputs="dist/")
migrated = p.migrate('test -n "$DATABASE_URL" && date +%s%N > schema.txt', environment=production, needs=[wheel], outputs="schema.txt")
warm = p.step("test -s schema.txt", name="warm", on=[on.push()], needs=[migrated["schema.txt"]])
live = p.deploy('test -n "$DATABASE_URL" && test -s dist/app.whl', environment=production, needs=[warm, wheel["dist/"]])
p.verify("echo it answers", environment=production, needs=[live], retries=1)
