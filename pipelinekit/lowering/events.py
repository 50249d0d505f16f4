"""A run per event: the part of a plan that one event starts, for systems with a file, a document or a chain for each."""

from pipelinekit.model.plan import Event, Plan
from pipelinekit.model.value import replace
from pipelinekit.semantics.selection import Selection


def only(plan: Plan, selection: Selection, event: Event) -> Plan:
    """The stages that `event` starts. By the closure all that they need is among them, but for guards of other events."""
    chosen = [stage for stage in plan.stages if selection.selects(event, stage)]
    names = {stage.name for stage in chosen}
    stages = tuple(replace(stage, needs=tuple(need for need in stage.needs if need.stage in names)) for stage in chosen)
    used = {stage.environment for stage in stages}
    environments = tuple(environment for environment in plan.environments if environment.name in used)
    return replace(plan, stages=stages, environments=environments, triggers=(event,))
