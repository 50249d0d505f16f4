"""Every image by its digest: the stages', the cells', the services' and those that each system needs beside them."""

from pipelinekit import Environment, Matrix, Pipeline, Service, ci, on
from pipelinekit.recipes import container

python = Matrix("python", "3.11", "3.12")

p = Pipeline(
    "locked",
    image="python:3.12-slim",
    triggers=[on.push(), on.pull_request()],
    targets={"concourse": {"services": "docker"}, "gitlab": {"builder": "docker"}},
)
lint = p.lint("ruff check .")
test = p.test(
    "pytest",
    image=f"python:{python}-slim",
    matrix=python,
    services=[Service("db", image="postgres:16", port=5432)],
)
scan = p.step("grype dir:.", name="scan", image=f"anchore/grype@sha256:{'7' * 64}")
image = p.build(container("registry.example.com/locked", tag=ci.sha), needs=[lint, test, scan])
p.deploy("./deploy.sh", image=image.ref, environment=Environment("staging"), needs=[image])
