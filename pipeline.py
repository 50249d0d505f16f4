"""pipelinekit's own pipeline: checks on every push and pull request; a tag on main goes to the package index."""

from pipelinekit import Cache, Environment, Matrix, Pipeline, Secret, on

python = Matrix("python", "3.11", "3.12", "3.13")
release = on.tag("v*")
index = Environment(
    "pypi", url="https://pypi.org/project/pipelinekit/", on=[release], secrets=[Secret("TWINE_PASSWORD", stored="PYPI_TOKEN")]
)

p = Pipeline(
    "pipelinekit",
    trunk="main",
    image="python:3.12-slim",
    setup="pip install --quiet --editable . --group dev",
    cache=Cache.pip("pyproject.toml"),
    triggers=[on.push(), on.pull_request(forks=True), release],
    timeout="30m",
    cancel_superseded=True,
)

lint = p.lint(
    "ruff check .",
    "ruff format --check .",
    "mypy",
    "lint-imports",
)
stale = p.lint(
    "pipelinekit render --all --check",
    "pipelinekit render --all --check --file examples/price-service/pipeline.py",
    name="rendered",
)
test = p.test(
    f"python -m pytest -n auto --junitxml=reports/junit-{python}.xml",
    image=f"python:{python}-slim",
    matrix=python,
    reports=f"reports/junit-{python}.xml",
)
wheel = p.build(
    "python -m pip wheel --no-deps --wheel-dir dist .",
    name="wheel",
    setup="",
    needs=[lint, stale, test],
    outputs="dist/",
)
p.deploy(
    "twine check --strict dist/*",
    "twine upload dist/*",
    environment=index,
    variables={"TWINE_USERNAME": "__token__", "TWINE_NON_INTERACTIVE": "1"},
    setup="pip install --quiet twine",
    needs=[wheel["dist/"]],
)
