"""A person is asked once all cells have passed, and waits no longer than three days."""

from pipelinekit import Environment, Matrix, Pipeline

python = Matrix("python", "3.11", "3.12")
p = Pipeline("gate-after-matrix", image="debian:12-slim")
test = p.test(f"test -n {python}", matrix=python)
asked = p.gate("Every version passed. Ship it?", needs=[test], timeout="3 days")
p.deploy("echo shipped", environment=Environment("production"), needs=[asked])
