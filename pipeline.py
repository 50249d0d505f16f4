"""pipelinekit's own pipeline: checks on every push and pull request; a tag on main goes to the package index."""

from pipelinekit import Cache, Environment, Matrix, Pipeline, Secret, on

EXAMPLES = ("price-service", "dash-diabetes", "nightly-scores", "shiny-states")
python = Matrix("python", "3.11", "3.12", "3.13")
release = on.tag("v*")
index = Environment(
    "pypi", url="https://pypi.org/project/pipelinekit/", on=[release], secrets=[Secret("TWINE_PASSWORD", stored="PYPI_TOKEN")]
)

p = Pipeline(
    "pipelinekit",
    trunk="main",
    image="python:3.12-slim",
    setup=[
        "pip install --quiet --require-hashes -r requirements/dev.lock",
        "pip install --quiet --no-deps --no-build-isolation --editable .",
    ],
    cache=Cache.pip("requirements/dev.lock"),
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
    *(f"pipelinekit render --all --check --file examples/{name}/pipeline.py" for name in EXAMPLES),
    name="rendered",
)
# Here a service that doesn't answer is a failure: elsewhere it is a skip, with its reason.
audit = p.lint("python requirements/audit.py --required", name="audit")
test = p.test(
    f"python -m pytest -n auto --junitxml=reports/junit-{python}.xml",
    image=f"python:{python}-slim",
    matrix=python,
    reports=f"reports/junit-{python}.xml",
)
wheel = p.build(
    "python -m build --no-isolation --outdir dist .",
    "python requirements/sbom.py dist",
    name="wheel",
    needs=[lint, stale, audit, test],
    outputs="dist/",
)
p.deploy(
    "twine check --strict dist/*.whl dist/*.tar.gz",
    "twine upload dist/*.whl dist/*.tar.gz",
    environment=index,
    variables={"TWINE_USERNAME": "__token__", "TWINE_NON_INTERACTIVE": "1"},
    setup="pip install --quiet --require-hashes -r requirements/release.lock",
    needs=[wheel["dist/"]],
)
