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
    targets={
        "cloudbuild": {"owner": "pipelinekit", "repository": "pipelinekit"},
        "concourse": {"uri": "https://github.com/pipelinekit/pipelinekit.git", "private_key": ""},
        "drone": {"store": "s3://pipelinekit-ci/runs"},
        "jenkins": {"cache": "jobcacher"},
    },
    accept={
        "cloudbuild": {
            "forks": "a maintainer looks at a stranger's change before it runs",
            "cancel_superseded": "an older build costs minutes, not money",
            "cache": "the wheels are small",
            "reports": "the log names the failed test",
        },
        "concourse": {
            "pull_request": "two pushes in one minute are tested as one",
            "forks": "a contributor's branch has a name of its own",
            "tag": "versions are tagged on main, in its order",
            "cancel_superseded": "an older build costs minutes, not money",
            "cache": "the wheels are small",
            "reports": "the log names the failed test",
        },
        "drone": {
            "forks": "only the release needs a secret",
            "cancel_superseded": "an older build costs minutes, not money",
            "overtaking": "the package index refuses a version that it has",
            "cache": "the wheels are small",
            "reports": "the log names the failed test",
        },
        "jenkins": {"overtaking": "the package index refuses a version that it has"},
    },
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
