"""Toy: a system of one file, for tests of the conformance suite. Its backend knows the core alone, as a stranger's would."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipelinekit.backend import Backend, File, Lowered, Native, Refused, Request, SetupStep, Table, Unsafe, Weakened, setting
from pipelinekit.model.features import FEATURES, facts
from pipelinekit.model.plan import Stage
from pipelinekit.model.value import value
from pipelinekit.semantics.matrix import unroll
from pipelinekit.text import script

Json = dict[str, Any]

TABLE: Table = {
    **{feature: Refused("Toy has nothing like it") for feature in FEATURES},
    "order": Native(),
    "push": Native(),
    "pull_request": Native(),
    "matrix": Lowered("a job for each cell"),
    "artifacts": Native(),
    "variables": Native(),
    "secrets": Native(),
    "optional_secrets": Native(),
    "gate": Native(),
    "environment": Lowered("Toy runs one thing at a time"),
    "block": Lowered("Toy runs one thing at a time"),
    "overtaking": Unsafe("any run deploys, an old one too", shows=("extra-job", "gate")),
    "retries": Weakened("a job is tried once", shows=("attempts", "commands", "outcome", "output", "missing-job", "run")),
    "allow_failure": Native(),
    "cache": Weakened("nothing is kept", static="a cache never changes a result"),
    "facts": Native(),
    "outsiders": Native(),
}

WORDS = {
    "PK_SHA": "commit",
    "PK_SHORT_SHA": "short",
    "PK_EVENT": "event",
    "PK_BRANCH": "branch",
    "PK_TARGET_BRANCH": "into",
    "PK_TAG": "tag",
    "PK_PULL_REQUEST": "request",
    "PK_AUTHOR": "author",
    "PK_TITLE": "title",
    "PK_REPOSITORY": "repository",
    "PK_ENVIRONMENT": "place",
}
"""What Toy calls a fact."""


@value
class Settings:
    """`Pipeline(targets={"toy": {…}})`."""

    file: str = setting("toy.json", help="where the file goes")


def job(request: Request[Settings], stage: Stage) -> Json:
    """One job of the file."""
    runs = [event.kind for event in request.selection.runs(stage)]
    if stage.is_gate:
        return {"name": stage.name, "on": runs, "after": [need.stage for need in stage.needs], "asks": stage.message}
    return {
        "name": stage.name,
        "on": runs,
        "after": [need.stage for need in stage.needs],
        "files": [[need.stage, path] for need in stage.needs for path in need.paths],
        "image": stage.image,
        "place": stage.environment,
        "variables": {**dict(request.plan.variables), **dict(stage.variables)},
        "facts": {name: WORDS[name] for name in facts(stage)},
        "secrets": {secret.name: secret.stored for secret in stage.secrets},
        "may_fail": stage.allow_failure,
        "script": ["set -e", *script.lines(stage)],
    }


def render(request: Request[Settings]) -> Iterator[File]:
    plan = unroll(request.plan)
    unrolled = Request(plan, request.selection, request.settings, request.header)
    places = [{"name": each.name, "url": each.url, "configuration": each.config} for each in plan.environments]
    jobs = [job(unrolled, stage) for stage in plan.stages]
    text = {"about": request.header, "name": plan.name, "trunk": plan.trunk, "places": places, "jobs": jobs}
    yield File(request.settings.file, json.dumps(text, indent=1) + "\n")


def setup(request: Request[Settings]) -> Iterator[SetupStep]:
    yield SetupStep("toy", "it runs the file", ("toy serve",))


backend = Backend("toy", "Toy", "1", "https://toy.example/docs", ("toy.json",), TABLE, Settings, render, setup)
