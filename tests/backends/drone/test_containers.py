"""Container builds by the docker plugin."""

from __future__ import annotations

from pipelinekit import Environment, Pipeline, Registry, Secret, ci, on
from pipelinekit.recipes import container

from .rendered import SHA, documents, only, said, script, steps

PYTHON = "python:3.12-slim"
REGISTRY = Registry("quay.io", username=Secret("USER_NAME"), password=Secret("PASSWORD", stored="QUAY_PASSWORD"))


def _service(timeout: str | None = None, retries: int = 0) -> Pipeline:
    p = Pipeline("service", image=PYTHON)
    built = container("quay.io/acme/app", tag=ci.sha, also=["latest"], registry=REGISTRY)
    build = p.build(built, timeout=timeout, retries=retries)
    p.deploy(f"./deploy.sh {build.ref}", environment=Environment("production"), needs=[build])
    return p


def test_a_delivery_pushes_and_other_runs_do_not() -> None:
    found = documents(_service())
    assert steps(found["service"])["build"]["settings"] == {
        "username": {"from_secret": "USER_NAME"},
        "password": {"from_secret": "QUAY_PASSWORD"},
        "repo": "quay.io/acme/app",
        "registry": "quay.io",
        "tags": [SHA, "latest"],
    }
    tried = steps(found["pull-request"])["build"]["settings"]
    assert tried["dry_run"] is True
    assert "password" not in tried


def test_the_plugin_keeps_its_privilege() -> None:
    """The runner takes it from steps with commands, an entrypoint or volumes."""
    step = steps(documents(_service())["service"])["build"]
    assert not {"commands", "command", "entrypoint", "volumes"} & set(step)


def test_files_for_the_build_are_laid_into_a_tree_of_its_own() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push()])
    wheel = p.step("make", name="wheel", outputs="dist/")
    p.lint("ruff check .")
    p.build(container("quay.io/acme/app", tag=ci.short_sha, context="app"), needs=[wheel["dist/"]])
    found = steps(only(p))
    assert script(found["build-context"]).splitlines() == [
        "cp -R /drone/src /drone/build",
        "mkdir -p /drone/build/dist",
        "cp -R /drone/artifacts/wheel/dist/. /drone/build/dist",
    ]
    settings = found["build"]["settings"]
    assert (settings["context"], settings["dockerfile"]) == ("/drone/build/app", "/drone/build/app/Dockerfile")
    assert settings["tags"] == [SHA[:8]]
    assert found["build"]["depends_on"] == ["build-context"]


def test_what_the_plugin_can_not_do_is_said() -> None:
    assert said(_service(timeout="5m"), "timeout")[0].startswith("PK1404")
    assert said(_service(retries=1), "retries")[0].startswith("PK1404")


def test_the_registrys_secrets_are_asked_for_by_name_before_the_build() -> None:
    found = documents(_service())
    asked = steps(found["service"])["build-secrets"]
    assert asked["commands"] == [
        ': "${USER_NAME:?the secret USER_NAME is missing}"',
        ': "${PASSWORD:?the secret QUAY_PASSWORD is missing}"',
    ]
    assert asked["environment"]["PASSWORD"] == {"from_secret": "QUAY_PASSWORD"}
    assert steps(found["service"])["build"]["depends_on"] == ["build-secrets"]
    assert "build-secrets" not in steps(found["pull-request"])
