"""What a plan uses, by the names under which targets say what they make of it and users accept a loss."""

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

from pipelinekit.model.names import FACTS, OUTSIDERS
from pipelinekit.model.plan import NOWHERE, Checkout, Event, Plan, Source, Stage
from pipelinekit.model.value import value

Feature: TypeAlias = Literal[
    "order",
    "push",
    "branches",
    "pull_request",
    "forks",
    "tag",
    "schedule",
    "manual",
    "inputs",
    "changed",
    "artifacts",
    "reports",
    "keep",
    "cache",
    "services",
    "matrix",
    "variables",
    "secrets",
    "secret_files",
    "optional_secrets",
    "gate",
    "gate_timeout",
    "lock",
    "environment",
    "block",
    "overtaking",
    "timeout",
    "retries",
    "allow_failure",
    "on_failure",
    "always",
    "cancel_superseded",
    "runner",
    "container",
    "registry",
    "bash",
    "checkout",
    "facts",
    "run_facts",
    "outsiders",
    "raw",
]

FEATURES: dict[Feature, str] = {
    "order": "stages start when all that they need has passed",
    "push": "runs on pushes to trunk",
    "branches": "runs on pushes to other branches",
    "pull_request": "runs on pull requests into trunk",
    "forks": "runs on pull requests from forks, without secrets",
    "tag": "runs on tags",
    "schedule": "runs of trunk at set times",
    "manual": "runs started by a person or the API",
    "inputs": "values given to such a run",
    "changed": "stages left out of pull requests that don't touch their files",
    "artifacts": "files handed from stage to stage",
    "reports": "test reports shown by the system",
    "keep": "files kept after the run",
    "cache": "paths kept between runs",
    "services": "helper processes beside a job, ready before it",
    "matrix": "one job per combination of values",
    "variables": "environment variables",
    "secrets": "secrets by name, seen by the stages that name them alone",
    "secret_files": "secrets as files",
    "optional_secrets": "secrets that may be missing",
    "gate": "waiting for a person's approval",
    "gate_timeout": "a bound on that wait",
    "lock": "jobs that never overlap, across runs",
    "environment": "deployments to a named place, one run at a time",
    "block": "several stages that hold one environment together",
    "overtaking": "an older delivery never deploys over a newer one",
    "timeout": "a bound on one attempt of a job",
    "retries": "further attempts of a failed job",
    "allow_failure": "a job whose failure lets the run pass",
    "on_failure": "a stage after the others when one has failed",
    "always": "a stage after the others in any case",
    "cancel_superseded": "a newer run of a pull request cancels the older",
    "runner": "choice of the worker",
    "container": "container image builds",
    "registry": "signing in to the image registry",
    "bash": "commands run by bash with pipefail",
    "checkout": "history, tags, LFS and submodules in the tree",
    "facts": "commit and event as variables",
    "run_facts": "number and page of the run as variables",
    "outsiders": "branch names, titles and the like as variables",
    "raw": "text of one system in the definition",
}
"""Every feature, with what it means for a user."""


_PLAIN = Checkout()
_FACT = re.compile(r"(?<!\w)(PK_[A-Z_]+)(?!\w)")


@value
class Use:
    """That a plan uses a feature, where: at a stage, or in the pipeline as a whole."""

    feature: Feature
    stage: Stage | None = None
    event: Event | None = None
    source: Source = NOWHERE


def facts(stage: Stage) -> tuple[str, ...]:
    """The facts that a stage's commands mention, in the order of the contract."""
    texts = [*stage.commands, *stage.setup]
    if stage.variables:
        texts += [value for _, value in stage.variables]
    mentioned = [name for text in texts if "PK_" in text for name in _FACT.findall(text)]
    return tuple([name for name in FACTS if name in mentioned]) if mentioned else ()


def uses(plan: Plan, events: tuple[Event, ...]) -> Iterator[Use]:
    """Everything that a plan uses, given the events that it reacts to."""
    for event in events:
        yield from _event_uses(plan, event)
    if plan.cancel_superseded:
        yield Use("cancel_superseded", source=plan.source)
    if plan.variables:
        yield Use("variables", source=plan.source)
    if plan.raw:
        yield Use("raw", source=plan.source)
    for environment in plan.environments:
        yield Use("environment", source=environment.source)
        yield Use("overtaking", source=environment.source)
        if sum(stage.environment == environment.name for stage in plan.stages) > 1:
            yield Use("block", source=environment.source)
    for stage in plan.stages:
        for feature in _stage_features(stage):
            yield Use(feature, stage, source=stage.source)


def _event_uses(plan: Plan, event: Event) -> Iterator[Use]:
    if event.kind == "push":
        yield Use("branches" if event.branches else "push", event=event, source=plan.source)
    else:
        yield Use(event.kind, event=event, source=plan.source)
    if event.forks:
        yield Use("forks", event=event, source=plan.source)
    if event.inputs:
        yield Use("inputs", event=event, source=plan.source)


def _stage_features(stage: Stage) -> Iterator[Feature]:
    mentioned = facts(stage)
    present: tuple[tuple[Feature, object], ...] = (
        ("order", stage.needs),
        ("artifacts", stage.outputs or any(need.paths for need in stage.needs)),
        ("changed", stage.only_if),
        ("reports", stage.reports),
        ("keep", stage.keep),
        ("cache", stage.caches),
        ("services", stage.services),
        ("matrix", stage.matrix),
        ("variables", stage.variables),
        ("secrets", stage.secrets),
        ("secret_files", stage.secrets and any(secret.file for secret in stage.secrets)),
        ("optional_secrets", stage.secrets and any(secret.optional for secret in stage.secrets)),
        ("gate", stage.is_gate),
        ("gate_timeout", stage.is_gate and stage.timeout),
        ("lock", stage.lock),
        ("timeout", stage.timeout and not stage.is_gate),
        ("retries", stage.retries),
        ("allow_failure", stage.allow_failure),
        ("on_failure", stage.when == "on_failure"),
        ("always", stage.when == "always"),
        ("runner", stage.runner),
        ("container", stage.container),
        ("registry", stage.container and stage.container.registry and stage.container.registry.password),
        ("bash", stage.shell == "bash"),
        ("checkout", stage.checkout != _PLAIN),
        ("facts", mentioned),
        ("run_facts", "PK_RUN_ID" in mentioned or "PK_RUN_URL" in mentioned),
        ("outsiders", mentioned and any(name in OUTSIDERS for name in mentioned)),
        ("raw", stage.raw),
    )
    for feature, found in present:
        if found:
            yield feature
