"""Stages that are what their kind says. Plans from Python can break little of this; plans from JSON can."""

from collections.abc import Iterator
from math import prod

from pipelinekit.diagnostics import Diagnostic, nearest
from pipelinekit.model.plan import DELIVERIES, Plan, Stage

CELLS = 1000
"""How many jobs one stage may become."""


def stages_are_whole(plan: Plan) -> Iterator[Diagnostic]:
    """Each stage has what it does, where it does it, and an environment that there is."""
    environments = [environment.name for environment in plan.environments]
    for name in sorted({name for name in environments if environments.count(name) > 1}):
        yield Diagnostic("PK034", "error", f"there are two environments {name!r}", "", plan.source)
    for environment in plan.environments:
        if not any(stage.environment == environment.name for stage in plan.stages):
            yield Diagnostic("PK034", "error", f"no stage belongs to the environment {environment.name!r}", "", environment.source)
    for stage in plan.stages:
        if stage.environment is not None and stage.environment not in environments:
            message = f"{stage.name} belongs to the environment {stage.environment!r}, which there is not"
            yield Diagnostic("PK034", "error", message, nearest(stage.environment, environments), stage.source, stage=stage.name)
        problem = _problem(stage)
        if problem:
            yield Diagnostic(problem[0], "error", f"{stage.name}: {problem[1]}", "", stage.source, stage=stage.name)


def _problem(stage: Stage) -> tuple[str, str] | None:
    """The code and what is wrong."""
    cells = prod(len(axis.values) for axis in stage.matrix)
    if cells > CELLS:
        return "PK019", f"a matrix of {cells:,} cells is more than {CELLS:,}"
    if stage.kind in DELIVERIES and stage.environment is None:
        return "PK034", f"a {stage.kind} has an environment"
    if stage.kind not in DELIVERIES and stage.environment is not None:
        return "PK034", f"a {stage.kind} has no environment"
    if stage.is_gate:
        return (
            None if stage.message and stage.needs and not stage.commands else ("PK016", "a gate has a question and needs, and no commands")
        )
    if stage.container:
        registry = stage.container.registry
        if registry and any(secret and (secret.file or secret.optional) for secret in (registry.username, registry.password)):
            return "PK016", "a registry's username and password are texts, and there"
        return ("PK016", "a container build has no commands") if stage.commands else None
    if not stage.commands:
        return "PK007", "there is no command"
    return None if stage.image else ("PK008", "there is no image")
