"""Limits that Cloud Build checks when a build is submitted, or, worse, does not."""

from collections.abc import Iterator, Mapping
from typing import Any

from pipelinekit.backend import Limit
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Plan
from pipelinekit_cloudbuild.build import Build
from pipelinekit_cloudbuild.document import DAY

_STEPS, _ENTRIES, _ARGUMENT, _TAGS, _IMAGE = 300, 100, 10_000, 64, 1_000
_BYTES = 100_000
_SUBSTITUTIONS, _VALUE = 200, 4_000
_QUOTAS = "quotas of the service in November 2026, cloud.google.com/build/quotas"
_VALIDATE = "local builder 0.5.2, `{}` in `validate/validate.go`"

SIZE = Limit(
    "size",
    "accepts a build of more than 128 KiB and never starts it: its files stay below 100,000 bytes",
    "the service in November 2026; builds of 125 KB started, builds of 140 KB stayed in the queue",
    "move long scripts into the repository",
)
STEPS = Limit("steps", "takes 300 steps in a build", _QUOTAS, "fewer cells, or two pipelines")
VARIABLES = Limit(
    "variables",
    "takes 100 variables in a step, and as many for all steps",
    _VALIDATE.format("maxNumEnvs"),
    "put them into a file of the repository",
)
ARGUMENTS = Limit(
    "arguments",
    "takes 100 arguments in a step, each of 10,000 characters",
    f"{_VALIDATE.format('maxNumArgs')}; what the service says: `arg 1 too long (max: 10000)`",
    "fewer or shorter build arguments",
)
IMAGE = Limit("image", "takes images of 1,000 characters", _VALIDATE.format("maxStepNameLength"), "a shorter name")
SECRETS = Limit("secrets", "takes 100 secrets in a build", _VALIDATE.format("maxNumSecretEnvs"), "fewer secrets")
TAGS = Limit("tags", "takes 64 tags of a build, of which each lock is one", _VALIDATE.format("maxNumTags"), "fewer locks")
INPUTS = Limit(
    "inputs",
    "takes 200 substitutions of 4,000 characters, of which each input is one",
    f"{_VALIDATE.format('maxSubstValueLength')}; {_QUOTAS}",
    "fewer inputs, with shorter values",
)
DURATION = Limit("day", "ends a build after 24 hours", _VALIDATE.format("MaxTimeout"), "a shorter timeout= or build_timeout")
QUOTATION = Limit(
    "quotation",
    "starts a service with the words of its command: a quotation must end",
    "docker's `run IMAGE COMMAND ARG…`, which a step calls",
    "end the quotation",
)
LIMITS = (SIZE, STEPS, VARIABLES, ARGUMENTS, IMAGE, SECRETS, TAGS, INPUTS, DURATION, QUOTATION)


def of_plan(plan: Plan) -> Iterator[Diagnostic]:
    """What is wrong before anything is written."""
    from shlex import split

    for stage in plan.stages:
        for service in stage.services:
            try:
                split(service.command or "")
            except ValueError:
                yield QUOTATION.broken(f"the command of the service {service.alias} has a quotation without end", stage)
        if stage.timeout and stage.timeout > DAY and not stage.is_gate:
            yield DURATION.broken(f"{stage.name} may take more than the 24 hours that a build has", stage)


def problems(path: str, data: Mapping[str, Any], text: str, build: Build) -> Iterator[Diagnostic]:
    """What the service would say against a file, said here."""
    source = build.run.plan.source
    steps = data.get("steps", ())
    found = [*_of_build(data, text), *(finding for step in steps if isinstance(step, Mapping) for finding in _of_step(step))]
    for limit, message in found:
        yield limit.broken(f"{path}: {message}", source=source)
    if build.settings.build_timeout > DAY:
        yield DURATION.broken(f"{path}: a build has at most {DAY} seconds, not {build.settings.build_timeout}", source=source)


def _of_build(data: Mapping[str, Any], text: str) -> Iterator[tuple[Limit, str]]:
    counted = (
        (STEPS, _size(data, "steps"), _STEPS, "steps"),
        (SIZE, len(text.encode()), _BYTES - 1, "bytes"),
        (TAGS, _size(data, "tags"), _TAGS, "tags"),
        (SECRETS, _size(data, "availableSecrets", "secretManager"), _ENTRIES, "secrets"),
        (VARIABLES, _size(data, "options", "env"), _ENTRIES, "variables of the pipeline"),
        (INPUTS, _size(data, "substitutions"), _SUBSTITUTIONS, "substitutions"),
    )
    for limit, count, most, what in counted:
        if count > most:
            yield limit, f"{count} {what}, of which Cloud Build takes {most}"
    for name, value in (data.get("substitutions") or {}).items():
        if len(str(value).encode()) > _VALUE:
            yield INPUTS, f"the value of {name} is longer than {_VALUE} bytes"


def _size(data: Any, *keys: str) -> int:
    """How many there are at a place; none where raw text put something else there."""
    for key in keys:
        data = data.get(key) if isinstance(data, Mapping) else None
    return len(data) if isinstance(data, list | tuple | Mapping) else 0


def _of_step(step: Mapping[str, Any]) -> Iterator[tuple[Limit, str]]:
    args = getattr(step.get("args"), "value", step.get("args")) or ()
    if _size(step, "env") > _ENTRIES:
        yield VARIABLES, f"{step['id']} has more than {_ENTRIES} variables"
    if len(args) > _ENTRIES or any(len(argument.encode()) > _ARGUMENT for argument in args):
        yield ARGUMENTS, f"{step['id']} has more or longer arguments than the {_ENTRIES} of {_ARGUMENT} bytes that a step takes"
    if len(str(step.get("name")).encode()) > _IMAGE:
        yield IMAGE, f"the image of {step['id']} has more than {_IMAGE} bytes"
