"""A job as a step: its image, what it comes after, its environment, its script."""

from typing import Any

from pipelinekit.backend import merge
from pipelinekit.lowering.tags import NAME as GUARD
from pipelinekit.model.plan import Stage
from pipelinekit.text.yaml import Flow, Literal
from pipelinekit_drone import containers, scripts, triggers
from pipelinekit_drone.context import Context
from pipelinekit_drone.escape import literal, substituted


def step(stage: Stage, after: list[str], context: Context) -> dict[str, Any]:
    """The step of one job, with raw text laid over it."""
    data: dict[str, Any] = {"name": context.steps[stage.name]}
    if stage.container:
        data |= {"image": context.settings.docker_image, "depends_on": Flow(after), "environment": scripts.environment({})}
        data["settings"] = containers.settings(stage, context)
    elif stage.name == GUARD:
        # Commands of ours: the runner signs git in for them.
        data |= {"image": stage.image, "depends_on": Flow(after), "commands": [*scripts.tree(context.tree), *stage.commands]}
    else:
        data |= _run(stage, after, context)
    if stage.allow_failure:
        data["failure"] = "ignore"
    condition = triggers.when(context.document.runs[stage.name], context.document, context.layout.plan)
    statuses = _statuses(stage, context)
    if statuses:
        condition["status"] = Flow(statuses)
    if condition:
        data["when"] = condition
    return merge(literal(data), stage.raw.get("drone"))


def _statuses(stage: Stage, context: Context) -> list[str]:
    """How the pipeline may stand when the step starts. One for the end of a build has no steps but such: all run, whichever fails."""
    if not stage.is_post or (context.document.statuses and len(context.document.stages) == 1):
        return []
    return ["failure"] if stage.when == "on_failure" and not context.document.statuses else ["success", "failure"]


def _run(stage: Stage, after: list[str], context: Context) -> dict[str, Any]:
    saved = () if context.shares else context.layout.asked(stage.name)
    shell = scripts.entrypoint(stage, context.tree, keeps=context.keeps(stage))
    data: dict[str, Any] = {"image": substituted(stage.image or ""), "depends_on": Flow(after)}
    data["environment"] = scripts.environment(_variables(stage, context))
    data["entrypoint"] = shell if "\n" in shell[-1] else Flow(shell)
    data["command"] = [Literal(scripts.body(stage, context.document, context.tree, saved))]
    return data


def _variables(stage: Stage, context: Context) -> dict[str, Any]:
    """Variables, then secrets under the key of Drone's store. With services, whose processes a pipeline's variables would
    reach too, those are the step's.
    """
    shared = context.layout.plan.variables if context.services else ()
    return {**dict(shared), **dict(stage.variables), **{secret.name: {"from_secret": secret.stored} for secret in stage.secrets}}
