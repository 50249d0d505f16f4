"""Small builds, played: what a test of the engine's rules writes, and what it looks at afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from pipelinekit import Pipeline
from pipelinekit.backend.interface import SetupStep
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing import Ground
from tests.engines.cloudbuild.builds import Build
from tests.engines.cloudbuild.engine import Interpreter

REGION, BUCKET = "europe-west1", "acme-ci-files"
PUSH = {"name": "app-push", "github": {"owner": "acme", "name": "widget", "push": {"branch": "^main$"}}, "filename": "cloudbuild.yaml"}

TOKEN = {"secretManager": [{"versionName": "projects/$PROJECT_ID/secrets/STORED/versions/latest", "env": "TOKEN"}]}
"""`availableSecrets`: the stored secret STORED as TOKEN."""


@dataclass
class Played:
    """What came of it: the builds, all that steps printed, and the lines of the ground."""

    ground: Ground
    builds: list[Build]

    @property
    def statuses(self) -> dict[str, str]:
        return {step.id: step.status for step in self.builds[0].steps}

    def said(self, step: str) -> str:
        path = self.ground.state / "output" / step
        return path.read_text() if path.exists() else ""

    @property
    def bucket(self) -> dict[str, str]:
        folder = self.ground.work / "cloud" / "buckets" / BUCKET
        return {str(path.relative_to(folder)): path.read_text(errors="replace") for path in sorted(folder.rglob("*")) if path.is_file()}

    @property
    def log(self) -> list[tuple[str, ...]]:
        """What the engine said, without the empty words."""
        rows = (line.split("\t") for line in self.ground.log.read_text().splitlines())
        return [tuple(word for word in (row[0], *row[2:4]) if word) for row in rows]


@contextmanager
def interpreter() -> Iterator[Interpreter]:
    made = Interpreter(REGION, BUCKET)
    try:
        yield made
    finally:
        made.close()


def step(name: str, script: str = "true", *, after: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """A step that runs a script of sh; it waits for nothing unless `after` says so."""
    own = {"script": f"#!/bin/sh\nset -e\n{script}\n"} if "args" not in more else {}
    return {"id": name, "name": "debian:12-slim", "waitFor": after or ["-"], **own, **more}


def play(
    root: Path,
    steps: list[dict[str, Any]],
    *,
    happening: Happening | None = None,
    triggers: list[dict[str, Any]] | None = None,
    files: Mapping[str, dict[str, Any]] | None = None,
    scenario: Scenario | None = None,
    secrets: Mapping[str, str] | None = None,
    setup: tuple[SetupStep, ...] = (),
    **build: Any,
) -> Played:
    """Let an event happen to a repository with one build file, and more in `files`."""
    p = Pipeline("rules", image="debian:12-slim")
    p.test("true")
    ground = Ground(root)
    scenario = scenario or Scenario("played", happening or Happening())
    ground.begin(p.plan(), scenario)
    ground.secrets = dict(secrets or {})
    ground.setup = setup
    documents = {
        "cloudbuild.yaml": {"steps": steps, "timeout": "600s", "options": {"logging": "CLOUD_LOGGING_ONLY"}, **build},
        **(files or {}),
    }
    text = {path: yaml.safe_dump(data, sort_keys=False) for path, data in documents.items()}
    text["cloudbuild.triggers.yaml"] = yaml.safe_dump_all(triggers or [PUSH], sort_keys=False)
    with interpreter() as engine:
        engine.run(text, ground, scenario)
        return Played(ground, engine.builds)
