"""What the pipeline sets holds for every stage that doesn't say otherwise."""

from pipelinekit import Pipeline

p = Pipeline(
    "pipeline-defaults",
    image="python:3.12-slim",
    setup=["pip install --upgrade pip", "pip install -r requirements.lock"],
    variables={"PYTHONUNBUFFERED": "1"},
    timeout="20m",
)
p.lint("ruff check .")
p.test("pytest", timeout="1h 30m", variables={"PYTHONUNBUFFERED": "0"})
p.step("hadolint Dockerfile", name="dockerfile", image="hadolint/hadolint:v2.12.0-debian")
p.step("python -m audit", name="audit", setup="pip install pip-audit")
