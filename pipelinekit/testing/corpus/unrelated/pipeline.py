"""Two chains that have nothing to do with one another."""

from pipelinekit import Pipeline

p = Pipeline("unrelated", image="debian:12-slim")
p.test("cat src/app.py", name="service", needs=[p.lint("test -s src/app.py", name="lint-service")])
p.test("cat README.md", name="batch", needs=[p.lint("test -s README.md", name="lint-batch")])
