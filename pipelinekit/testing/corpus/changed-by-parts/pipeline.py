"""A repository of two parts: each has its stage, what comes after runs all the same."""

from pipelinekit import Pipeline, changed

p = Pipeline("changed-by-parts", image="debian:12-slim")
service = p.test("test -s src/app.py", name="service", only_if=changed("service/", "*.toml"))
batch = p.test("test -s README.md", name="batch", only_if=changed("jobs/*/", "**/*.sql"))
p.step("echo whichever ran has passed", name="report", needs=[service, batch])
