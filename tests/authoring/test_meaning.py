"""What a definition comes to: defaults of the pipeline, the environment and recipes, all resolved in the plan."""

from __future__ import annotations

from typing import Any

import pytest

from pipelinekit import Cache, Checkout, Environment, Matrix, Pipeline, Recipe, Registry, Runner, Secret, Service, changed, ci, on
from pipelinekit.authoring.stage import ImageBuild
from pipelinekit.model import plan as model
from pipelinekit.recipes import alembic, container, dvc, smoke

py = Matrix("python", "3.11", "3.12")


def pipeline(**options: object) -> Pipeline:
    given: dict[str, Any] = {"image": "python:3.12-slim", "setup": "pip install -r r.lock", "cache": Cache.pip("r.lock"), **options}
    return Pipeline("demo", **given)


def stage(p: Pipeline, name: str = "test") -> model.Stage:
    return p.plan().stage(name)


@pytest.mark.parametrize(
    "options, setup, caches",
    [
        ({}, ("pip install -r r.lock",), 1),
        ({"image": "python:3.12-slim"}, ("pip install -r r.lock",), 1),
        ({"image": "node:22"}, (), 0),
        ({"image": f"python:{py}-slim", "matrix": py}, ("pip install -r r.lock",), 1),
        ({"image": f"python:{py}-alpine", "matrix": py}, (), 0),
        ({"setup": ""}, (), 1),
        ({"setup": "npm ci"}, ("npm ci",), 1),
        ({"image": "node:22", "setup": ["npm ci", "npm run x"]}, ("npm ci", "npm run x"), 0),
        ({"cache": ()}, ("pip install -r r.lock",), 0),
    ],
)
def test_setup_and_cache_go_with_the_pipelines_image(options: dict[str, object], setup: tuple[str, ...], caches: int) -> None:
    p = pipeline()
    p.test("pytest", **options)  # type: ignore[call-overload]  # options of one row of the table
    assert (stage(p).setup, len(stage(p).caches)) == (setup, caches)


def test_a_recipe_brings_its_own_image_and_not_the_pipelines_setup() -> None:
    p = pipeline()
    p.test(Recipe(["go test"], setup=["go mod download"], image="golang:1.25", reports=["r.xml"], cache=[Cache("mod")]))
    made = stage(p)
    assert (made.image, made.setup, made.commands, made.reports) == ("golang:1.25", ("go mod download",), ("go test",), ("r.xml",))
    assert [cache.paths for cache in made.caches] == [("mod",)]


def test_one_text_in_a_recipe_is_one_text() -> None:
    p = pipeline()
    p.test(Recipe("pytest", setup="pip install .", outputs="dist/", reports="r.xml", keep="k"))
    made = stage(p)
    assert (made.commands, made.outputs, made.reports, made.keep) == (("pytest",), ("dist/",), ("r.xml",), ("k",))
    assert made.setup == ("pip install .", "pip install -r r.lock")


def test_setup_recipes_bring_what_they_take_but_no_outputs() -> None:
    p = pipeline(setup=[dvc.pull("data/", secrets=[Secret("KEY_ID")], lock="dvc.lock"), "pip install ."])
    p.test("pytest")
    made = stage(p)
    assert made.setup == ("dvc pull -q data/", "dvc status -q data/", "pip install .")
    assert [secret.name for secret in made.secrets] == ["KEY_ID"]
    assert made.outputs == ()
    assert [cache.paths for cache in made.caches] == [(".cache/pip",), (".dvc/cache",)]


def test_an_environments_stages_see_its_variables_and_secrets_and_nobody_else_does() -> None:
    p = pipeline()
    e = Environment("staging", variables={"MODE": "a"}, secrets=[Secret("DB", stored="STAGING_DB")])
    p.test("pytest")
    p.deploy("./deploy.sh", environment=e, variables={"SIZE": "1"}, secrets=[Secret("KEY")])
    assert (stage(p).variables, stage(p).secrets) == ((), ())
    made = stage(p, "deploy-staging")
    assert made.variables == (("MODE", "a"), ("SIZE", "1"))
    assert [(secret.name, secret.stored) for secret in made.secrets] == [("DB", "STAGING_DB"), ("KEY", "KEY")]


def test_names_come_from_kind_and_environment() -> None:
    p = pipeline()
    e = Environment("staging")
    p.data_pull(dvc.pull("data/"))
    p.migrate("x", environment=e)
    p.verify("x", environment=e, name="looks-good")
    assert [each.name for each in p.plan().stages] == ["data-pull", "migrate-staging", "looks-good"]


def test_needs_of_one_stage_are_one_need() -> None:
    p = pipeline()
    b = p.build("make", outputs=["dist/", "cov.xml"])
    p.test("pytest", needs=[b, b["dist/"], b["cov.xml"], b["dist/"], b["dist/a.whl"]])
    assert stage(p).needs == (model.Need("build", ("dist/", "cov.xml", "dist/a.whl")),)


def test_a_cell_is_asked_in_either_spelling() -> None:
    p = pipeline()
    t = p.step("x", name="train", matrix=py, outputs=[f"cov-{py}.xml", "same.xml"])
    one = t.cell(python="3.12")
    p.test("pytest", needs=[one[f"cov-{py}.xml"], one["cov-3.12.xml"], one["same.xml"]])
    assert stage(p).needs == (model.Need("train", ("cov-3.12.xml", "same.xml"), (("python", "3.12"),)),)


def test_the_environments_url_reaches_recipes() -> None:
    p = pipeline()
    p.verify(smoke.http("/version", expect=ci.sha), environment=Environment("e", url="https://e.example/"))
    assert "https://e.example/version" in stage(p, "verify-e").commands[0]
    assert "${PK_SHA}" in stage(p, "verify-e").commands[0]


def test_a_container_build_hands_out_its_name() -> None:
    p = pipeline()
    quay = Registry("quay.io", username=Secret("U"), password=Secret("P"))
    image = p.build(container("quay.io/a/b", tag=ci.short_sha, also=["latest", "v1"], context="svc", registry=quay))
    assert isinstance(image, ImageBuild)
    assert image.ref == "quay.io/a/b:${PK_SHORT_SHA}"
    made = stage(p, "build").container
    assert made is not None
    assert (made.dockerfile, made.context) == ("svc/Dockerfile", "svc")
    assert made.refs == ("quay.io/a/b:${PK_SHORT_SHA}", "quay.io/a/b:latest", "quay.io/a/b:v1")
    assert (stage(p, "build").image, stage(p, "build").secrets, stage(p, "build").setup) == (None, (), ())


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("90s", 90),
        ("15m", 900),
        ("1h 30m", 5400),
        ("1h30m", 5400),
        ("1 hour and 30 minutes", 5400),
        ("7 days", 604800),
        ("2 weeks", 1209600),
        (45, 45),
    ],
)
def test_durations(text: str | int, seconds: int) -> None:
    p = pipeline()
    p.test("pytest", timeout=text)
    assert stage(p).timeout == seconds


@pytest.mark.parametrize("cron", ["0 3 * * *", "*/15 0-6 1,15 * 1-5", "5 4 * * 0", "5 4 * * 7", "0-59/2 * * * *"])
def test_schedules(cron: str) -> None:
    assert on.schedule("n", cron)._event.cron == cron


@pytest.mark.parametrize(
    "image",
    ["python", "python:3.12-slim", "registry.example.com:5000/a/b_c/d.e:V1.0", f"a@sha256:{'0' * 64}", f"a/b:{ci.sha}", "localhost:5000/a"],
)
def test_images(image: str) -> None:
    p = pipeline()
    p.test("pytest", image=image)
    assert stage(p).image == image


@pytest.mark.parametrize(
    "command",
    [
        'echo "${PK_SHA}"',
        "echo '$5'",
        "models/sk-forest-classifier-v2-final",
        "curl https://user:$TOKEN@host/",
        "psql postgres://u:test@db/x",
        "python -c 'import os; print(os.environ[\"PK_SHA\"])'",
        f"echo {ci.title}",
    ],
)
def test_commands_that_are_fine(command: str) -> None:
    p = pipeline()
    p.test(command)
    assert stage(p).commands == (command,)


def test_defaults_of_the_pipeline_hold_where_a_stage_says_nothing() -> None:
    p = pipeline(shell="bash", timeout="10m", runner=Runner("linux"), checkout=Checkout(lfs=True))
    p.test("pytest")
    p.lint("ruff", shell="sh", timeout=5, runner=Runner("arm"), checkout=Checkout())
    assert (stage(p).shell, stage(p).timeout, stage(p).runner, stage(p).checkout.lfs) == ("bash", 600, model.Runner(("linux",)), True)
    lint = stage(p, "lint")
    assert (lint.shell, lint.timeout, lint.runner, lint.checkout.lfs) == ("sh", 5, model.Runner(("arm",)), False)


def test_what_is_raw_is_plain_data() -> None:
    p = pipeline(raw={"gitlab": {"a": (1, [True, None]), "b": {"c": 1.5}}}, targets={"gitlab": {"x": "y"}})
    assert p.plan().raw == {"gitlab": {"a": [1, [True, None]], "b": {"c": 1.5}}}
    assert p.plan().targets == {"gitlab": {"x": "y"}}


def test_handles_are_short_and_compare_by_themselves() -> None:
    p = pipeline()
    one = p.test("pytest", services=[Service("db", image="postgres:16", port=5432)], only_if=changed("src/**"))
    assert repr(one).startswith("<test 'test' at ")
    assert one != p.test("pytest", name="other")
    assert repr(p) == "Pipeline('demo')"
    assert repr(Secret("T")) == "Secret('T')"
    assert "lock_timeout" in alembic.upgrade().commands[0]
