"""What a definition becomes, as data; every file that a test renders is read by the readers first."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pipelinekit import Pipeline
from pipelinekit.backend.emit import Emission, emit
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from tests.readers import cloudbuild
from tests.readers.cloudbuild_substitutions import expand

REPOSITORY = {"owner": "acme", "repository": "app", "region": "europe-west1"}
FOLDERS = ("workspace", "artifacts", "caches", "kept", "changed", "facts", "tmp/attempt", "tmp/steps")


def emission(pipeline: Pipeline | Plan, **settings: Any) -> Emission:
    plan = pipeline if isinstance(pipeline, Plan) else pipeline.plan()
    if settings:
        plan = replace(plan, targets={"cloudbuild": settings})
    return emit(plan, "cloudbuild")


def files(pipeline: Pipeline | Plan, **settings: Any) -> dict[str, str]:
    """The files, which no reader has anything to say against."""
    found = emission(pipeline, **settings)
    assert found.ok, [str(diagnostic) for diagnostic in found.diagnostics]
    assert cloudbuild.problems(found.files) == []
    return found.files


def build(pipeline: Pipeline | Plan, path: str = "cloudbuild.yaml", **settings: Any) -> dict[str, Any]:
    return cloudbuild.read(files(pipeline, **settings)).builds[path]


def triggers(pipeline: Pipeline | Plan, **settings: Any) -> dict[str, dict[str, Any]]:
    read = cloudbuild.read(files(pipeline, **REPOSITORY, **settings))
    return {trigger["name"]: trigger for trigger in read.triggers}


def steps(pipeline: Pipeline | Plan, path: str = "cloudbuild.yaml", **settings: Any) -> dict[str, dict[str, Any]]:
    return {step["id"]: step for step in build(pipeline, path, **settings)["steps"]}


def verdicts(pipeline: Pipeline | Plan, feature: str, **settings: Any) -> list[str]:
    """The codes of what is said about a feature."""
    return [found.code for found in emission(pipeline, **settings).diagnostics if found.feature == feature]


def ancestors(found: Mapping[str, Mapping[str, Any]], name: str) -> set[str]:
    """All steps that a step waits for, directly or not."""
    direct = [each for each in found[name]["waitFor"] if each != "-"]
    return {*direct, *(further for each in direct for further in ancestors(found, each))}


def env(step: Mapping[str, Any], **values: str) -> dict[str, str]:
    """A step's variables as its process sees them."""
    return dict(expand(entry, values).split("=", 1) for entry in step.get("env", ()))


def run(
    step: Mapping[str, Any], root: Path, values: Mapping[str, str] | None = None, /, **secrets: str
) -> subprocess.CompletedProcess[str]:
    """Run a step's script with the folders that containers share moved below `root`, and programs of `root/bin` first."""
    text = step["script"]
    for folder in FOLDERS:
        text = text.replace(f"/{folder}", f"{root}/{folder}")
    for folder in ("workspace", "bin", "tmp", *(volume["path"].strip("/") for volume in step.get("volumes", ()))):
        (root / folder).mkdir(exist_ok=True)
    script = root / "script"
    script.write_text(text)
    script.chmod(0o755)
    variables = {"PATH": f"{root}/bin:/usr/local/bin:/usr/bin:/bin", "HOME": str(root), **env(step, **dict(values or {})), **secrets}
    return subprocess.run([str(script)], cwd=root / "workspace", env=variables, capture_output=True, text=True, timeout=30, check=False)


def program(root: Path, name: str, text: str) -> None:
    """A program that steps find, in place of the real one."""
    (root / "bin").mkdir(exist_ok=True)
    path = root / "bin" / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def scripts(found: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield from (step["script"] for step in found.values() if "script" in step)
