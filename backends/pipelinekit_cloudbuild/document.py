"""A build file: its steps, and what holds for all of them."""

from typing import Any

from pipelinekit.backend import merge
from pipelinekit_cloudbuild import locks, machines, secrets
from pipelinekit_cloudbuild.assembly import steps
from pipelinekit_cloudbuild.build import Build
from pipelinekit_cloudbuild.escape import is_for_all, literal
from pipelinekit_cloudbuild.steps import Step
from pipelinekit_cloudbuild.triggers import account

DAY = 86400
"""The longest timeout that Cloud Build knows, in seconds."""

_HELP = 600
"""Seconds that a build's timeout leaves for each step beside the jobs' own: pulling images, copying files."""


def document(build: Build, triggers: dict[str, str]) -> dict[str, Any]:
    """The file's mapping. `triggers` name the trigger behind each gate that this build asks at."""
    found = steps(build, triggers)
    used = [name for step in found for name in step.secrets]
    data: dict[str, Any] = {
        "steps": [merge(step.document(), step.raw) for step in found],
        "timeout": f"{_timeout(build, found)}s",
        "options": _options(build, found),
        "substitutions": _substitutions(build, found),
        "tags": _tags(build),
        "serviceAccount": None if build.settings.names_repository else account(build.settings.account_of(build.event.kind)),
        "availableSecrets": secrets.available(used, build.aliases) if used else None,
    }
    kept = {key: value for key, value in data.items() if value}
    return merge(kept, build.run.plan.raw.get("cloudbuild"))


def _timeout(build: Build, found: list[Step]) -> int:
    """Room for every job's attempts, one after the other; a lock or a stage without a bound takes what the settings allow."""
    stages = build.plan.stages
    if any(stage.timeout is None for stage in stages) or build.plan.environments or any(stage.lock for stage in stages):
        return max([build.settings.build_timeout, *(step.timeout or 0 for step in found)])
    jobs = sum((stage.timeout or 0) * (stage.retries + 1) for stage in stages)
    return min(DAY, jobs + _HELP * len(found))


def _options(build: Build, found: list[Step]) -> dict[str, Any]:
    env = [f"{name}={value}" for name, value in build.run.plan.variables if is_for_all(name, value)]
    own: dict[str, Any] = machines.options(build.plan.stages, build.settings)
    if any("${_PK_SHORT_SHA}" in text for text in _texts(found)):
        own["dynamicSubstitutions"] = True
    own["logging"] = "CLOUD_LOGGING_ONLY"
    return {**own, **({"env": env} if env else {})}


def _substitutions(build: Build, found: list[Step]) -> dict[str, str]:
    """The substitutions that the file declares: those that a gate or a person gives, and the short commit."""
    texts = "\n".join(_texts(found))
    own = {"_PK_SHORT_SHA": "${COMMIT_SHA:0:8}"} if "${_PK_SHORT_SHA}" in texts else {}
    given = ["_PK_RUN", "_PK_BEFORE", "_PK_ASKED", "_PK_BRANCH", "_PK_TARGET_BRANCH", "_PK_TAG", "_PK_PULL_REQUEST"]
    own |= {name: "" for name in given if f"${{{name}}}" in texts}
    typed = {f"_{value.variable}": literal(value.default) for value in build.event.inputs}
    return own | {name: text for name, text in typed.items() if f"${{{name}}}" in texts}


def _texts(found: list[Step]) -> list[str]:
    return [text for step in found for text in (step.image, *step.args, *step.env.values())]


def _tags(build: Build) -> list[str]:
    """The pipeline's name, and what locks look for."""
    environments = [locks.environment_tag(environment.name) for environment in build.plan.environments]
    held = dict.fromkeys(locks.lock_tag(stage.lock) for stage in build.plan.stages if stage.lock)
    return [build.run.plan.name, *environments, *held]
