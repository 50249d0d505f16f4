"""Limits that Cloud Build checks when a build is submitted, or, worse, does not (from validate.go, the docs, and the field)."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Stage
from pipelinekit_cloudbuild.build import Build
from pipelinekit_cloudbuild.document import DAY

STEPS = 300
ENTRIES = 100
ARGUMENT = 10_000
BYTES = 100_000
"""A build above some 128 KiB is accepted and never scheduled."""
TAGS = 64


def problems(path: str, data: Mapping[str, Any], text: str, build: Build) -> Iterator[Diagnostic]:
    """What the service would say against a file, said here."""
    source = build.run.plan.source
    steps = data.get("steps", ())
    found = [*_of_build(data, text), *(finding for step in steps if isinstance(step, Mapping) for finding in _of_step(step))]
    for message, hint in found:
        yield Diagnostic("PK1408", "error", f"{path}: {message}", hint, source)
    if build.settings.build_timeout > DAY:
        message = f"{path}: a build has at most {DAY} seconds, not {build.settings.build_timeout}"
        yield Diagnostic("PK1408", "error", message, "a shorter build_timeout", source)
    for stage in build.plan.stages:
        yield from _of_stage(stage)


def _of_build(data: Mapping[str, Any], text: str) -> Iterator[tuple[str, str]]:
    steps, secrets = _size(data, "steps"), _size(data, "availableSecrets", "secretManager")
    if steps > STEPS:
        yield f"{steps} steps, of which a build has at most {STEPS}", "fewer cells, or two pipelines"
    if len(text.encode()) >= BYTES:
        yield f"{len(text.encode())} bytes; a build of more than {BYTES} may never be scheduled", "move long scripts into the repository"
    if _size(data, "tags") > TAGS:
        yield f"{len(data['tags'])} tags, of which a build has at most {TAGS}", "fewer locks"
    if secrets > ENTRIES:
        yield f"{secrets} secrets, of which a build has at most {ENTRIES}", "fewer secrets"
    if _size(data, "options", "env") > ENTRIES:
        yield f"more than {ENTRIES} variables of the pipeline", "give them to the stages that read them"


def _size(data: Any, *keys: str) -> int:
    """How many there are at a place; none where raw text put something else there."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return len(data) if isinstance(data, list | tuple) else 0


def _of_step(step: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    args = getattr(step.get("args"), "value", step.get("args")) or ()
    if _size(step, "env") > ENTRIES:
        yield f"{step['id']} has more than {ENTRIES} variables", "put them into a file of the repository"
    if len(args) > ENTRIES or any(len(argument) > ARGUMENT for argument in args):
        yield (
            f"{step['id']} has more or longer arguments than the {ENTRIES} of {ARGUMENT} characters that a step takes",
            "fewer build arguments",
        )


def _of_stage(stage: Stage) -> Iterator[Diagnostic]:
    if stage.timeout and stage.timeout > DAY:
        yield Diagnostic(
            "PK1408",
            "error",
            f"{stage.name} may take more than the 24 hours that a build has",
            "a shorter timeout=",
            stage.source,
            stage=stage.name,
        )
