"""A stage as a job. Keys stand in the order in which a reader asks: where and when, in what, with what, doing what."""

from typing import Any

from pipelinekit.backend import merge
from pipelinekit.model.plan import Stage
from pipelinekit.text.yaml import Commented, Flow, Quoted
from pipelinekit_gitlab import artifacts, caches, containers, escape, facts, images, needs, rules, scripts, secrets
from pipelinekit_gitlab.layout import Layout, child_file
from pipelinekit_gitlab.times import period

Job = dict[str, Any]

MOST_RETRIES = 2

_TOO_LATE = """asked=$(date -u -d "$(printf '%.19s' "$CI_PIPELINE_CREATED_AT" | tr T ' ')" +%s)
[ $(($(date +%s) - asked)) -le SECONDS ] || { echo "this run started more than PERIOD ago" >&2; exit 1; }"""


def job(layout: Layout, stage: Stage, column: str) -> Job:
    """The whole job, with nothing left to defaults."""
    made = _gate(stage) if stage.is_gate else _container(layout, stage) if stage.container else _commands(layout, stage)
    found = {"stage": column, **_frame(layout, stage), **made}
    return merge({key: value for key, value in found.items() if value is not None}, stage.raw.get("gitlab"))


def trigger(layout: Layout, environment: str, column: str) -> Job:
    """The job that holds an environment's lock while the child pipeline with its block runs."""
    inputs = {value.name: escape.placeholder(value.name) for event in layout.runs(layout.blocks[environment]) for value in event.inputs}
    included: dict[str, Any] = {"local": child_file(environment)}
    found: Job = {
        "stage": column,
        "needs": needs.of_trigger(layout, environment),
        "rules": rules.of_trigger(layout, environment),
        "resource_group": environment,
        "inherit": {"default": False, "variables": False},
        "variables": {facts.PARENT: "$CI_PIPELINE_ID"} if knows_parent(layout, environment) else None,
        "trigger": {"include": [{**included, "inputs": inputs} if inputs else included], "strategy": "depend"},
    }
    return {key: value for key, value in found.items() if value is not None}


def knows_parent(layout: Layout, environment: str) -> bool:
    """Whether a job of the child pipeline asks for the run's number or for files of the run's other jobs."""
    stages = layout.blocks[environment]
    asks = any(need.paths and layout.home(need.stage) is None for stage in stages for need in stage.needs)
    return asks or any(name in facts.OF_PARENT for stage in stages for name in facts.variables(stage, child=True))


def _frame(layout: Layout, stage: Stage) -> Job:
    """What any kind of job may have."""
    cancellable = layout.plan.cancel_superseded and any(event.kind == "pull_request" for event in layout.selection.runs(stage))
    return {
        "needs": None if stage.is_post else needs.of_job(layout, stage),
        "rules": rules.of_job(layout, stage),
        "when": stage.when if stage.is_post else None,
        "allow_failure": True if stage.allow_failure else None,
        "interruptible": True if cancellable else None,
        "tags": _tags(layout, stage),
        "parallel": _parallel(stage),
        "environment": _environment(layout, stage),
        "resource_group": _resource_group(layout, stage),
        "timeout": period(stage.timeout) if stage.timeout and not stage.is_gate else None,
        "retry": min(stage.retries, MOST_RETRIES) or None,
        "dependencies": [] if stage.is_post else None,
    }


def _commands(layout: Layout, stage: Stage) -> Job:
    return {
        "image": None if stage.image is None else images.image(stage.image, layout.settings),
        "services": [images.service(service) for service in stage.services] or None,
        "variables": _variables(layout, stage) or None,
        "cache": caches.block(layout, stage),
        "before_script": scripts.before(layout.plan, stage) or None,
        "script": scripts.main(stage),
        "artifacts": artifacts.block(layout, stage),
    }


def _container(layout: Layout, stage: Stage) -> Job:
    settled = containers.environment(layout.settings)
    return {
        **settled,
        "variables": {**settled["variables"], **_variables(layout, stage)},
        "before_script": containers.before(layout, stage) or None,
        "script": containers.script(layout, stage),
    }


def _gate(stage: Stage) -> Job:
    """A job that a person starts. It then only says so; `allow_failure: false` makes what follows wait for it."""
    late = _TOO_LATE.replace("SECONDS", str(stage.timeout)).replace("PERIOD", period(stage.timeout)) if stage.timeout else None
    return {
        "when": "manual",
        "allow_failure": False,
        "manual_confirmation": stage.message,
        "variables": {"GIT_STRATEGY": "none"},
        "script": [*([late] if late else []), escape.said(stage.message)],
    }


def _variables(layout: Layout, stage: Stage) -> dict[str, Any]:
    checkout = stage.checkout
    found: dict[str, Any] = {
        **facts.variables(stage, child=layout.home(stage.name) is not None),
        **rules.same_everywhere(layout, stage),
        **escape.variables(stage.variables),
        **caches.variables(stage),
    }
    if checkout.history:
        found["GIT_DEPTH"] = "0"
    if checkout.tags:
        found["GIT_FETCH_EXTRA_FLAGS"] = "--prune --quiet --tags"
    if checkout.submodules:
        found["GIT_SUBMODULE_STRATEGY"] = "recursive"
    if layout.uses_lfs:
        found["GIT_LFS_SKIP_SMUDGE"] = "0" if checkout.lfs else "1"
    return found


def _tags(layout: Layout, stage: Stage) -> Any:
    runner = stage.runner
    if runner is None:
        return None
    words = [runner.arch] if runner.arch else []
    words += ["gpu"] if runner.gpus else []
    tags = [*runner.labels, *(layout.settings.tags.get(word, word) for word in words)]
    return Flow(list(dict.fromkeys(tags))) if tags else None


def _parallel(stage: Stage) -> Any:
    if not stage.matrix:
        return None
    return {"matrix": [{axis.variable: Flow([Quoted(text) for text in axis.values]) for axis in stage.matrix}]}


def _commented(name: str, lines: list[str]) -> Any:
    """An environment's name, below what GitLab has no place for."""
    return Commented(name, "\n".join(lines)) if lines else name


def _environment(layout: Layout, stage: Stage) -> Any:
    optional = [secrets.told(stage)] if secrets.told(stage) else []
    if stage.environment is None:
        return {"name": _commented(secrets.scope(stage), optional), "action": "access"} if secrets.of(stage) else None
    environment = layout.plan.environment(stage.environment)
    first = next(other for other in layout.plan.stages if other.environment == stage.environment)
    configured = [f"configuration: {environment.config}"] if environment.config and first.name == stage.name else []
    found: dict[str, Any] = {"name": _commented(environment.name, [*configured, *optional])}
    if environment.url:
        found["url"] = environment.url
    if stage.kind != "deploy":
        found["action"] = "prepare" if stage.kind == "migrate" else "verify"
    elif environment.name in layout.settings.tiers:
        found["deployment_tier"] = layout.settings.tiers[environment.name]
    return found


def _resource_group(layout: Layout, stage: Stage) -> str | None:
    if stage.lock:
        known = {environment.name for environment in layout.plan.environments}
        return f"lock/{stage.lock}" if stage.lock in known else stage.lock
    return stage.environment if layout.home(stage.name) is None else None
