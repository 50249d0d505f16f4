"""Text of one system, merged last: what it says besides changes nothing else."""

from pipelinekit import Pipeline

p = Pipeline("raw", image="debian:12-slim", raw={"gitlab": {"workflow": {"name": "Checks"}}})
lint = p.lint("test -s README.md")
coverage = {"gitlab": {"coverage": "/TOTAL.*? (\\d+%)/"}, "drone": {"pull": "always"}, "concourse": {"public": True}}
p.test("echo 'TOTAL 90%'", needs=[lint], raw=coverage)
