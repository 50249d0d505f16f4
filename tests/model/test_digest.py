"""The digest in a header: it changes with whatever the file could depend on, and with nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from pipelinekit.model import plan as model
from pipelinekit.model.plan import NOWHERE, Plan, Source, Stage, digest
from pipelinekit.model.value import replace

OTHERS: dict[str, Any] = {
    "name": "other",
    "kind": "lint",
    "needs": (model.Need("x"),),
    "on": (model.Event("push"),),
    "environment": "prod",
    "image": "other",
    "shell": "bash",
    "setup": ("x",),
    "commands": ("y",),
    "message": "Go?",
    "container": model.Container("a/b", ("t",)),
    "variables": (("A", "1"),),
    "secrets": (model.Secret("A", "A"),),
    "services": (model.Service("db", "a", 1),),
    "outputs": ("o",),
    "reports": ("r",),
    "keep": ("k",),
    "keep_for": 1,
    "caches": (model.Cache(("c",)),),
    "matrix": (model.Axis("a", ("1",)),),
    "timeout": 1,
    "retries": 1,
    "allow_failure": True,
    "when": "always",
    "only_if": ("g",),
    "lock": "l",
    "runner": model.Runner(("gpu",)),
    "checkout": model.Checkout(lfs=True),
    "raw": {"gitlab": {"a": 1}},
    "cell": (("a", "1"),),
    "of": "x",
    "stages": (),
    "trunk": "other",
    "triggers": (model.Event("tag", tag="v*"),),
    "environments": (model.Environment("e"),),
    "cancel_superseded": True,
    "targets": {"gitlab": {"a": 1}},
    "accept": {"gitlab": {"cache": "why"}},
    "locked": {"a": "sha256:0"},
}
STAGE = Stage("test", "test", image="a", commands=("x",))
PLAN = Plan("demo", (STAGE,))


def fields(cls: type) -> list[str]:
    return [name for name in cls.__value_fields__ if name != "source"]  # type: ignore[attr-defined]  # set by the decorator


@pytest.mark.parametrize("name", fields(Stage))
def test_every_field_of_a_stage_counts(name: str) -> None:
    assert digest(replace(PLAN, stages=(replace(STAGE, **{name: OTHERS[name]}),)), "gitlab") != digest(PLAN, "gitlab")


@pytest.mark.parametrize("name", fields(Plan))
def test_every_field_of_a_plan_counts(name: str) -> None:
    assert digest(replace(PLAN, **{name: OTHERS[name]}), "gitlab") != digest(PLAN, "gitlab")


@pytest.mark.parametrize("name", ["targets", "accept", "raw"])
def test_what_is_said_to_other_targets_does_not(name: str) -> None:
    assert digest(replace(PLAN, **{name: OTHERS[name]}), "drone") == digest(PLAN, "drone")


def test_lines_do_not_count() -> None:
    moved = replace(PLAN, source=Source("other.py", 9), stages=(replace(STAGE, source=Source("other.py", 10)),))
    assert (PLAN.source, moved == PLAN) == (NOWHERE, True)
    assert digest(moved, "gitlab") == digest(PLAN, "gitlab")


def test_it_is_twelve_hex_digits_that_stay_over_versions() -> None:
    assert digest(Plan("demo", ()), "gitlab") == "b591a321530a"
