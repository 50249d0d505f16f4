"""Price service: what passes its tests on main goes to staging and, when somebody says so, to production."""

from pipelinekit import Cache, Environment, Matrix, Pipeline, Registry, Runner, Secret, Service, Stage, ci, on
from pipelinekit.recipes import alembic, container, dvc

python = Matrix("python", "3.11", "3.12")
db = Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "test"})
registry = Registry("registry.example.com", username=Secret("REGISTRY_USER"), password=Secret("REGISTRY_PASSWORD"))
staging = Environment(
    "staging",
    url="https://staging.price.example",
    config="price/config/{env}.toml",
    secrets=[Secret("DATABASE_URL", stored="STAGING_DATABASE_URL")],
)
production = Environment(
    "production",
    url="https://price.example",
    config="price/config/{env}.toml",
    secrets=[Secret("DATABASE_URL", stored="PRODUCTION_DATABASE_URL")],
)

p = Pipeline(
    "price-service",
    trunk="main",
    image="python:3.12-slim",
    setup="pip install -r requirements.lock",
    cache=Cache.pip("requirements.lock"),
    triggers=[on.push(), on.pull_request(), on.schedule("nightly", "0 3 * * *")],
    timeout="20m",
    cancel_superseded=True,
    # What only one system's side knows.
    targets={
        "jenkins": {"cache": "jobcacher", "submitter": "release-managers"},
        "cloudbuild": {
            "owner": "acme",
            "repository": "price-service",
            "bucket": "acme-price-ci",
            "pools": {"price-host": "projects/acme/locations/europe-west1/workerPools/price"},
        },
        "drone": {"store": "s3://acme-price-ci/runs"},
        "concourse": {"uri": "git@github.com:acme/price-service.git", "bucket": "acme-price-ci", "services": "docker"},
    },
    # What one system loses, and why the team can live with it.
    accept={
        "gitlab": {
            "overtaking": "a waiting approval is answered within a day",
            "artifacts": "the model's three files are small",
            "gate_timeout": "a late answer fails, which is what we want",
        },
        "jenkins": {"order": "waiting for the slower check costs two minutes"},
        "cloudbuild": {
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "reports": "the log names the failed test",
            "services": "one cell of the tests after the other is fast enough",
            "keep": "the metrics of a failed training are of no use",
            "secrets": "a build that lacks a secret may as well fail at once",
            "registry": "the same",
        },
        "drone": {
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "schedule": "nightly means some time at night",
            "overtaking": "only release managers promote, and they promote the newest",
            "cache": "a cold start takes a minute",
            "reports": "the log names the failed test",
            "services": "each test makes and drops a schema of its own",
            "keep": "the bucket's own rule keeps the metrics for ninety days",
            "timeout": "the repository's timeout bounds the image build",
            "registry": "a push without credentials fails all the same",
            "runner": "one host runs everything",
        },
        "concourse": {
            "pull_request": "who opens a request with an old commit amends it",
            "schedule": "nightly means some time at night",
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "cache": "a cold start takes a minute",
            "reports": "the log names the failed test",
            "keep": "training writes its metrics to the log too",
        },
    },
)

# Nothing needed, so these two start together.
lint = p.lint("ruff check .", "ruff format --check .", "mypy")
data = p.data_pull(dvc.pull("data/wine.csv"), setup="pip install -r requirements-dvc.txt", retries=2)

# data["data/wine.csv"] is a file that this stage wants: the file and the order come with it.
test = p.test(
    f"python -m pytest --junitxml=reports/junit-{python}.xml",
    image=f"python:{python}-slim",
    matrix=python,
    services=[db],
    variables={"DATABASE_URL": "postgresql://postgres:test@db/postgres"},
    needs=[data["data/wine.csv"]],
    reports=f"reports/junit-{python}.xml",
)
train = p.step(
    "python -m price.train",
    name="train",
    needs=[data["data/wine.csv"]],
    outputs=["price/model.joblib", "metrics.json", "parity.json"],
    keep="metrics.json",
    keep_for="90 days",
)
good_enough = p.step(
    "python -m price.gate --max-error 2.5", name="model-check", setup="", needs=[train["metrics.json"]]
)

# What was tested is what is delivered: the wheel holds code, configuration and model of this one commit.
wheel = p.build(
    f'echo "{ci.sha}" > price/COMMIT',
    "pip wheel --no-deps --no-build-isolation --wheel-dir dist .",
    name="wheel",
    needs=[lint, test, good_enough, train["price/model.joblib"]],
    outputs="dist/",
)
image = p.build(
    container("registry.example.com/price", tag=ci.sha, registry=registry),
    name="package",
    needs=[wheel["dist/"]],
)


def ship(environment: Environment, after: Stage) -> Stage:
    """Migrate, deploy and verify one environment: plain functions are the templates."""
    migrated = p.migrate(alembic.upgrade(), "alembic check", environment=environment, needs=[after])
    live = p.deploy(
        f"./deploy.sh {environment} {image.ref}",
        environment=environment,
        image="docker:27-cli",
        runner=Runner("price-host"),
        needs=[migrated],
    )
    return p.verify(
        f'python -m price.smoke {environment.url} --expect "{ci.sha}" --parity parity.json',
        environment=environment,
        setup="",
        needs=[live, train["parity.json"]],
    )


accepted = p.gate("Ship to production?", needs=[ship(staging, after=image)], timeout="7 days")
ship(production, after=accepted)
