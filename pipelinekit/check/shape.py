"""Stages that are what their kind says. Plans from Python can't break this; plans from JSON can."""

from collections.abc import Iterator

from pipelinekit.diagnostics import Diagnostic, nearest
from pipelinekit.model.plan import DELIVERIES, Plan, Stage


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
