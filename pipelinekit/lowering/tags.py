"""A tag delivers only if its commit is on trunk: no engine asks that, so a stage does, and whatever delivers needs it:
the stages of environments, and container builds, which publish in deliveries.
"""

from pipelinekit.model.plan import Checkout, Need, Plan, Stage
from pipelinekit.model.value import replace
from pipelinekit.semantics.selection import deliveries, select

NAME = "tag-on-trunk"


def guard(plan: Plan, image: str = "alpine/git:2.49.1") -> Plan:
    """The plan with the stage `tag-on-trunk` before all stages of environments that take tags, and before container builds
    that those tags select; it runs on those tags alone. Tags that nothing asks for start no run, and need no guard.

    The other events of such an environment select the delivery stages but not the guard: `events.only` drops that need,
    a system with one file for all events must make it optional.
    """
    if not any(event.kind == "tag" for event in deliveries(plan)):
        return plan
    selection = select(plan)
    tags = tuple(event for event in deliveries(plan) if event.kind == "tag" and event in selection.events)
    if not tags:
        return plan
    trunk = plan.trunk
    check = Stage(
        name=NAME,
        kind="step",
        on=tags,
        image=image,
        checkout=Checkout(history=True),
        commands=(f"git fetch origin refs/heads/{trunk}", "git merge-base --is-ancestor HEAD FETCH_HEAD"),
        source=plan.source,
    )
    environments = {e.name for e in plan.environments if any(event in tags for event in e.on)}
    stages = [check]
    for stage in plan.stages:
        publishes = stage.container and any(event in tags for event in selection.runs(stage))
        stages.append(replace(stage, needs=(*stage.needs, Need(NAME))) if publishes or stage.environment in environments else stage)
    return replace(plan, stages=tuple(stages))
