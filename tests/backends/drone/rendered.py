"""Renders definitions for the tests of this folder, and runs steps as Drone's runner does, without containers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelinekit import Pipeline
from pipelinekit.backend import registry
from pipelinekit.backend.emit import Emission, emit, prepare
from pipelinekit.backend.interface import SetupStep
from pipelinekit.model.plan import Plan
from tests.readers import drone, envsubst

Document = dict[str, Any]
Step = dict[str, Any]

SHA = "0123456789abcdef0123456789abcdef01234567"
STORE = {"drone": {"store": "s3://bucket/folder"}}


def emission(definition: Pipeline | Plan) -> Emission:
    """What is emitted, with which no reader may have a problem."""
    found = emit(definition if isinstance(definition, Plan) else definition.plan(), "drone")
    assert drone.problems(found.files) == []
    return found


def text(definition: Pipeline | Plan) -> str:
    found = emission(definition)
    assert found.ok, found.diagnostics
    return found.files[".drone.yml"]


def documents(definition: Pipeline | Plan) -> dict[str, Document]:
    """The pipelines by name, as the runner reads them."""
    seen = envsubst.expand(text(definition), {"DRONE_COMMIT_SHA": SHA})
    return {document["name"]: document for document in drone.read({".drone.yml": seen})}


def only(definition: Pipeline | Plan) -> Document:
    """The one pipeline of a file."""
    (document,) = documents(definition).values()
    return document


def steps(document: Document) -> dict[str, Step]:
    return {step["name"]: step for step in document["steps"]}


def script(step: Step) -> str:
    """The script of a job, or the commands of a step of ours."""
    return str(step["command"][0]) if "command" in step else "\n".join(step["commands"])


def said(definition: Pipeline | Plan, feature: str) -> list[str]:
    """Code and message of what is said of a feature."""
    return [f"{found.code} {found.message}" for found in emission(definition).diagnostics if found.feature == feature]


def setup(definition: Pipeline) -> list[SetupStep]:
    backend = registry.load("drone")
    request, _ = prepare(definition.plan(), backend)
    return list(backend.setup(request))


class Machine:
    """A worker: `/drone` and `/tmp` are folders below `root`, a step is a process."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("drone/src", "drone/artifacts", "drone/kept", "tmp"):
            (root / folder).mkdir(parents=True)

    @property
    def source(self) -> Path:
        return self.root / "drone/src"

    def run(self, step: Step, environment: Mapping[str, str] | None = None, **secrets: str) -> subprocess.CompletedProcess[str]:
        """Run a job's entrypoint and command; secrets that there are not are empty, as the runner leaves them."""
        words = [self.here(word) for word in (*step["entrypoint"], *step["command"])]
        values = {
            key: secrets.get(value["from_secret"], "") if isinstance(value, dict) else value
            for key, value in step.get("environment", {}).items()
        }
        known = {"PATH": os.environ["PATH"], "HOME": str(self.root), "TMPDIR": str(self.root / "tmp"), "DRONE_COMMIT_SHA": SHA}
        return subprocess.run(
            words,
            cwd=self.source,
            env={**known, **(environment or {}), **values},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def here(self, word: str) -> str:
        return word.replace("/drone/", f"{self.root}/drone/").replace("/tmp/src", f"{self.root}/tmp/src")
