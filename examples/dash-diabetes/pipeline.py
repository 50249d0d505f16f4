"""Dashboard: what passes its tests on main goes to staging, and from there to production by itself."""

from pipelinekit import Environment, Pipeline, Registry, Secret, Stage, ci, on
from pipelinekit.recipes import cloud_run, container, install, python, smoke

REGION = "europe-west1"
registry = Registry("registry.example.com", username=Secret("REGISTRY_USER"), password=Secret("REGISTRY_PASSWORD"))
staging = Environment("staging", url="https://staging.diabetes.example", config="dashboard/config/{env}.json")
production = Environment("production", url="https://diabetes.example", config="dashboard/config/{env}.json")

p = Pipeline(
    "dash-diabetes",
    trunk="main",
    image="python:3.12-slim",
    setup=install.pip("requirements.lock"),
    triggers=[on.push(), on.pull_request()],
    timeout="15m",
    cancel_superseded=True,
    # What only one system's side knows.
    targets={
        "jenkins": {"cache": "jobcacher"},
        "cloudbuild": {"owner": "acme", "repository": "dash-diabetes", "bucket": "acme-diabetes-ci"},
        "drone": {"store": "s3://acme-diabetes-ci/runs"},
        "concourse": {"uri": "git@github.com:acme/dash-diabetes.git"},
    },
    # What one system loses, and why the team can live with it.
    accept={
        "cloudbuild": {
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "reports": "the log names the failed test",
            "registry": "a build that lacks a secret may as well fail at once",
            "secrets": "the same",
        },
        "drone": {
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "overtaking": "nobody restarts an old build of main: the next change is minutes away",
            "cache": "a cold start takes a minute",
            "reports": "the log names the failed test",
            "timeout": "the repository's timeout bounds the image build",
            "registry": "the key may push to this repository alone",
        },
        "concourse": {
            "pull_request": "who opens a request with an old commit amends it",
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "cache": "the lock's hashes refuse a package of other bytes",
            "reports": "the log names the failed test",
        },
    },
)

lint = p.lint("ruff check .", "ruff format --check .", "mypy")
test = p.test(python.pytest())

wheel = p.build(python.wheel(commit="dashboard/COMMIT"), name="wheel", needs=[lint, test])

# Each environment's configuration is inside: looked at where it is installed, not where it was written.
installed = p.test(
    "python -m pip install --quiet --no-index --no-deps --target installed dist/*.whl",
    "cd installed && python -m dashboard.config dev staging production",
    name="installed",
    setup="",
    needs=[wheel["dist/"]],
)
image = p.build(
    container("registry.example.com/diabetes", tag=ci.sha, registry=registry),
    name="package",
    needs=[wheel["dist/"], installed],
)


def ship(environment: Environment, after: Stage) -> Stage:
    """Deploy and verify one environment: the same stages for each, and one variable that differs."""
    # gcloud signs in with the file that this variable names.
    key = Secret("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", stored=f"{environment.name.upper()}_GCP_KEY", file=True)
    live = p.deploy(
        cloud_run.deploy(f"diabetes-{environment}", image.ref, region=REGION, variables={"APP_ENV": environment.name}),
        environment=environment,
        image="google/cloud-sdk:stable",
        secrets=[key],
        needs=[after],
    )
    return p.verify(smoke.http("/healthz", expect=ci.sha), environment=environment, setup="", needs=[live])


# The smoke test demands the commit: where staging answers with it, production follows.
ship(production, after=ship(staging, after=image))
