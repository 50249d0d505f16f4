"""A file made inside of a block, for its last stage alone; and a check that the block doesn't need."""

from pipelinekit import Environment, Pipeline

production = Environment("production")
p = Pipeline("block-with-files", image="debian:12-slim")
p.lint("test -s README.md")
test = p.test("test -s src/app.py")
migrated = p.migrate("date +%s%N > schema.sql", environment=production, needs=[test], outputs=["schema.sql"])
live = p.deploy("test -s README.md", environment=production, needs=[migrated])
p.verify("test -s schema.sql", environment=production, needs=[live, migrated["schema.sql"]])
