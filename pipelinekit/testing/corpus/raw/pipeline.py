"""Text of one system, merged last: what it says besides changes nothing else."""

from pipelinekit import Pipeline

p = Pipeline(
    "raw",
    image="debian:12-slim",
    raw={"gitlab": {"workflow": {"name": "Checks"}}, "cloudbuild": {"queueTtl": "7200s"}},
)
lint = p.lint("test -s README.md")
p.test(
    "echo 'TOTAL 90%'",
    needs=[lint],
    raw={
        "gitlab": {"coverage": "/TOTAL.*? (\\d+%)/"},
        "jenkins": {"options": {"timestamps": "timestamps()"}},
        "cloudbuild": {"allowFailure": False},
        "drone": {"pull": "always"},
        "concourse": {"public": True},
    },
)
