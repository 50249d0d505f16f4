"""Renders definitions for the tests of this folder, and runs scripts as GitLab's runner does."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelinekit import Pipeline
from pipelinekit.backend import registry
from pipelinekit.backend.emit import Emission, emit, prepare
from pipelinekit.backend.interface import SetupStep
from pipelinekit.model.plan import Plan
from tests.readers import gitlab

ROOT = ".gitlab-ci.yml"

Config = dict[str, Any]


def emission(definition: Pipeline | Plan) -> Emission:
    """The files, which must be such that no reader complains."""
    plan = definition.plan() if isinstance(definition, Pipeline) else definition
    found = emit(plan, "gitlab")
    assert not found.files or gitlab.problems(found.files) == []
    return found


def files(definition: Pipeline | Plan) -> dict[str, str]:
    found = emission(definition)
    assert found.ok, found.diagnostics
    return found.files


def config(definition: Pipeline | Plan, path: str = ROOT) -> Config:
    return gitlab.read(files(definition))[path]


def child(definition: Pipeline | Plan, environment: str) -> Config:
    return config(definition, f".gitlab/pipelinekit/{environment}.yml")


def codes(definition: Pipeline | Plan) -> list[tuple[str, str | None]]:
    """What is said of the definition, without notes."""
    return [(found.code, found.feature) for found in emission(definition).diagnostics if found.level != "note"]


def setup(definition: Pipeline) -> list[SetupStep]:
    backend = registry.load("gitlab")
    return list(backend.setup(prepare(definition.plan(), backend)[0]))


def run(
    config: Config, job: str, folder: Path, variables: Mapping[str, str] | None = None, shell: str = "sh"
) -> subprocess.CompletedProcess[str]:
    """Run a job as the runner does: before_script and script are one program, evaluated with errexit and, if there is, pipefail."""
    found = config[job]
    default = config.get("default", {}).get("before_script", [])
    items = [*found.get("before_script", default), *found["script"]]
    template = 'case "$(set -o)" in *pipefail*) set -o pipefail;; esac; set -o errexit; eval "$PROGRAM"'
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder), "PROGRAM": "\n".join(item.strip() for item in items)}
    return subprocess.run(
        [shell, "-c", template],
        cwd=folder,
        env=environment | dict(variables or {}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
