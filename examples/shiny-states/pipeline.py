"""States: a Shiny app that goes to Posit Connect, to staging and, once that answers with the commit, to production."""

from pipelinekit import Environment, Pipeline, Secret, Stage, ci, on
from pipelinekit.recipes import connect, install, r, smoke

BINARIES = "https://packagemanager.posit.co/cran/__linux__/jammy/2023-03-14"
staging = Environment(
    "staging",
    url="https://connect.example/content/8d1c3b5e-5b0f-4c3a-9f70-2b7a1f1c0a01",
    config="config/{env}.json",
)
production = Environment(
    "production",
    url="https://connect.example/content/8d1c3b5e-5b0f-4c3a-9f70-2b7a1f1c0a02",
    config="config/{env}.json",
)

p = Pipeline(
    "shiny-states",
    trunk="main",
    # Of the R that renv.lock names. It takes packages from a repository as of a day, and so does renv: with binaries for this image.
    image="rocker/tidyverse:4.2.2",
    setup=["Rscript -e 'install.packages(\"renv\")'", install.renv(BINARIES, library="renv/library")],
    triggers=[on.push(), on.pull_request()],
    timeout="30m",
    cancel_superseded=True,
    # What only one system's side knows.
    targets={
        "jenkins": {"cache": "jobcacher"},
        "cloudbuild": {"owner": "acme", "repository": "shiny-states", "bucket": "acme-states-ci"},
        "drone": {"store": "s3://acme-states-ci/runs"},
        "concourse": {"uri": "git@github.com:acme/shiny-states.git", "bucket": "acme-states-ci"},
    },
    # What one system loses, and why the team can live with it.
    accept={
        "cloudbuild": {
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "reports": "the log names the failed test",
            "secrets": "a build that lacks a secret may as well fail at once",
        },
        "drone": {
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "overtaking": "nobody restarts an old build of main: the next change is minutes away",
            "cache": "the repository has binary packages: restoring them takes two minutes",
            "reports": "the log names the failed test",
        },
        "concourse": {
            "pull_request": "who opens a request with an old commit amends it",
            "cancel_superseded": "an older build of a pull request costs minutes, not money",
            "cache": "renv brings an older library to the lock's versions",
            "reports": "the log names the failed test",
        },
    },
)

lint = p.lint(r.lint("."))
test = p.test(r.testthat())

# What Connect is given: the files, the commit among them, and the packages in the versions that were tested.
manifest = p.build(
    f'echo "{ci.sha}" >COMMIT',
    "Rscript manifest.R",
    name="manifest",
    needs=[lint, test],
    outputs=["COMMIT", "manifest.json"],
)


def ship(environment: Environment, after: Stage) -> Stage:
    """Deploy and verify one environment: the same stages for each, and one variable that differs."""
    server, _, content = environment.url.partition("/content/")
    live = p.deploy(
        connect.manifest(app_id=content, key=Secret("CONNECT_API_KEY"), variables={"APP_ENV": environment.name}),
        environment=environment,
        image="python:3.12-slim",
        setup=install.pip("requirements-deploy.lock"),
        variables={"CONNECT_SERVER": server},
        needs=[after, manifest["COMMIT"], manifest["manifest.json"]],
    )
    return p.verify(
        smoke.http("/healthz", expect=ci.sha), environment=environment, image="python:3.12-slim", needs=[live]
    )


# The smoke test demands the commit: where staging answers with it, production follows.
ship(production, after=ship(staging, after=manifest))
