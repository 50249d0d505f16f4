"""A tag delivers only if its commit is on trunk: no engine asks that, so a stage does, and every delivery stage needs it."""

from pipelinekit.model.plan import Checkout, Need, Plan, Stage
from pipelinekit.model.value import replace
from pipelinekit.semantics.selection import deliveries

NAME = "tag-on-trunk"


def guard(plan: Plan, image: str = "alpine/git:2.49.1") -> Plan:
    """The plan with the stage `tag-on-trunk` before all stages of environments that take tags; it runs on those tags alone.

    The other events of such an environment select the delivery stages but not the guard: `events.only` drops that need,
    a system with one file for all events must make it optional.
    """
    tags = tuple(event for event in deliveries(plan) if event.kind == "tag")
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
    guarded = {e.name for e in plan.environments if any(event.kind == "tag" for event in e.on)}
    stages = (replace(stage, needs=(*stage.needs, Need(NAME))) if stage.environment in guarded else stage for stage in plan.stages)
    return replace(plan, stages=(check, *stages))
