"""A gate splits a run: for systems where waiting for a person means that another build, started later, goes on."""

from pipelinekit.model.plan import Need, Plan, Stage
from pipelinekit.model.value import replace, value
from pipelinekit.semantics.selection import ancestors


@value
class Part:
    """What runs between two gates. `gate` opens it (None for the first part); `requires` are the stages of earlier parts
    that must have passed for this commit; `imports` the files of theirs that its stages ask for. The plan's needs stay
    within the part.
    """

    plan: Plan
    gate: Stage | None
    requires: tuple[str, ...]
    imports: tuple[Need, ...]


def split(plan: Plan) -> tuple[Part, ...]:
    """The parts in the order of their gates. A stage behind several gates belongs to the last of them; see `joined`."""
    opened = opening_gates(plan)
    gates = [None, *(stage for stage in plan.stages if stage.is_gate)]
    return tuple(_part(plan, gate, opened) for gate in gates)


def joined(plan: Plan) -> tuple[Stage, ...]:
    """The stages behind two gates of which neither needs the other: no single gate opens their part."""
    return tuple(stage for stage in plan.stages if len(_last_gates(plan, stage)) > 1)


def post_of(plan: Plan) -> tuple[Stage, ...]:
    """The stages that run after all others, by their outcome."""
    return tuple(stage for stage in plan.stages if stage.is_post)


def _last_gates(plan: Plan, stage: Stage) -> list[Stage]:
    """The gates before a stage that no other gate before it comes after."""
    before = ancestors(plan, [stage.name])
    gates = [other for other in plan.stages if other.is_gate and other.name in before]
    covered = {name for gate in gates for name in ancestors(plan, [gate.name])}
    return [gate for gate in gates if gate.name not in covered]


def opening_gates(plan: Plan) -> dict[str, str | None]:
    """For each stage and gate the gate that opens the part in which it runs or is asked; None for the first part."""
    if not any(stage.is_gate for stage in plan.stages):
        return dict.fromkeys(stage.name for stage in plan.stages)
    return {stage.name: next((gate.name for gate in _last_gates(plan, stage)), None) for stage in plan.stages}


def _part(plan: Plan, gate: Stage | None, opened: dict[str, str | None]) -> Part:
    name = gate.name if gate else None
    own = [stage for stage in plan.stages if not stage.is_gate and opened[stage.name] == name]
    names = {stage.name for stage in own}
    outside = [need for stage in own for need in stage.needs if need.stage not in names]
    gates = {stage.name for stage in plan.stages if stage.is_gate}
    needed = [*(gate.needs if gate else ()), *outside]
    stages = tuple(replace(stage, needs=tuple(need for need in stage.needs if need.stage in names)) for stage in own)
    used = {stage.environment for stage in own}
    part = replace(plan, stages=stages, environments=tuple(e for e in plan.environments if e.name in used))
    requires = tuple(dict.fromkeys(need.stage for need in needed if need.stage not in gates))
    return Part(part, gate, requires, tuple(dict.fromkeys(need for need in outside if need.paths)))
