"""Nightly scores: a notebook that runs at night as it was delivered, and a look at what it left in the morning."""

from pipelinekit import Environment, Pipeline, Registry, Secret, Stage, ci, on
from pipelinekit.recipes import cloud_run, container, data, install, model, notebooks, python

PROJECT = "acme-scores"
REGION = "europe-west1"
GCLOUD = "google/cloud-sdk:stable"
NOTEBOOK = "scores/notebooks/score.ipynb"

registry = Registry("registry.example.com", username=Secret("REGISTRY_USER"), password=Secret("REGISTRY_PASSWORD"))
staging = Environment("staging", config="scores/config/{env}.toml")
production = Environment("production", config="scores/config/{env}.toml")
morning = on.schedule("morning", "0 5 * * *")

p = Pipeline(
    "nightly-scores",
    trunk="main",
    image="python:3.12-slim",
    setup=install.pip("requirements.lock"),
    triggers=[on.push(), on.pull_request()],
    timeout="15m",
    cancel_superseded=True,
    # What only one system's side knows.
    targets={
        "jenkins": {"cache": "jobcacher"},
        "cloudbuild": {"owner": "acme", "repository": "nightly-scores", "bucket": "acme-scores-ci"},
        "drone": {"store": "s3://acme-scores-ci/runs"},
        "concourse": {"uri": "git@github.com:acme/nightly-scores.git", "bucket": "acme-scores-ci"},
    },
    # What one system loses, and why the team can live with it.
    accept={
        "cloudbuild": {
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "reports": "the log names the failed test",
            "keep": "the log tells which cell failed, and why",
            "registry": "a build that lacks a secret may as well fail at once",
            "secrets": "the same",
        },
        "drone": {
            "schedule": "nobody reads the scores before eight",
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "overtaking": "nobody restarts an old build of main: the next change is minutes away",
            "cache": "a cold start takes a minute",
            "reports": "the log names the failed test",
            "keep": "the bucket's own rule keeps the notebooks for thirty days",
            "timeout": "the repository's timeout bounds the image build",
            "registry": "the key may push to this repository alone",
        },
        "concourse": {
            "pull_request": "who opens a request with an old commit amends it",
            "schedule": "nobody reads the scores before eight",
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "cache": "the lock's hashes refuse a package of other bytes",
            "reports": "the log names the failed test",
            "keep": "the log tells which cell failed, and why",
        },
    },
)


def key(environment: Environment) -> Secret:
    """What gcloud signs in with: the variable names the file."""
    return Secret("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", stored=f"{environment.name.upper()}_GCP_KEY", file=True)


# The notebook is kept as text; what runs is made of it.
lint = p.lint(
    "ruff check .",
    "ruff format --check .",
    "mypy",
    notebooks.from_text("scores/notebooks/score.py"),
    notebooks.lint(NOTEBOOK, "notebooks/explore.ipynb"),
    notebooks.clean("notebooks/explore.ipynb"),
)
test = p.test(python.pytest())
cells = p.test(
    'export PYTHONPATH="$PWD"',
    notebooks.from_text("scores/notebooks/score.py"),
    notebooks.test(NOTEBOOK, "notebooks/explore.ipynb", timeout=120),
    name="notebooks",
)
# A night with a hundred patients: its data and its model are looked at, its notebook is kept whatever becomes of it.
rehearsal = p.test(
    notebooks.from_text("scores/notebooks/score.py"),
    notebooks.execute(
        NOTEBOOK,
        output="out/score.ipynb",
        parameters={"run_date": "2024-02-02", "patients": "100", "folder": "out"},
    ),
    data.validate("out/scores.csv", schema="scores/schema.json"),
    "cp out/metrics.json metrics.json",
    model.gate("metrics.json", at_least={"auc": 0.98}, max_drop={"auc": 0.005, "accuracy": 0.02}),
    name="rehearsal",
    # Not the slim one: the comparison with main takes git.
    image="python:3.12",
    setup=install.pip("requirements.lock"),
    keep_for="30 days",
)

wheel = p.build(python.wheel(commit="scores/COMMIT"), name="wheel", needs=[lint, test, cells, rehearsal])
installed = p.test(
    "python -m pip install --quiet --no-index --no-deps --target installed dist/*.whl",
    "cd installed && python -m scores.config staging production",
    name="installed",
    setup="",
    needs=[wheel["dist/"]],
)
image = p.build(
    container("registry.example.com/scores", tag=ci.sha, registry=registry),
    name="package",
    needs=[wheel["dist/"], installed],
)


def ship(environment: Environment, cron: str, after: Stage) -> Stage:
    """Schedule this commit's image, and run it once: the job fails where the notebook does, or its scores are wrong."""
    job = f"scores-{environment}"
    scheduled = p.deploy(
        cloud_run.schedule(
            job,
            image.ref,
            cron=cron,
            region=REGION,
            account=f"scheduler@{PROJECT}.iam.gserviceaccount.com",
            project=PROJECT,
            variables={"APP_ENV": environment.name},
        ),
        environment=environment,
        image=GCLOUD,
        secrets=[key(environment)],
        needs=[after],
    )
    return p.verify(
        f"gcloud run jobs execute {job} --region {REGION} --project {PROJECT} --wait --quiet",
        environment=environment,
        image=GCLOUD,
        secrets=[key(environment)],
        needs=[scheduled],
    )


ship(production, "0 3 * * *", after=ship(staging, "0 1 * * *", after=image))

# Nobody has pushed, and still: did the night come, and is what it left of today?
fetch = p.step(
    "mkdir -p out",
    f"gcloud storage cp gs://{PROJECT}/production/newest.csv out/scores.csv",
    name="fetch",
    image=GCLOUD,
    on=[morning],
    secrets=[key(production)],
    outputs="out/scores.csv",
    retries=2,
)
p.test(
    data.validate("out/scores.csv", schema="scores/schema.json"),
    "python -m scores.fresh out/scores.csv",
    name="morning",
    on=[morning],
    needs=[fetch["out/scores.csv"]],
)
