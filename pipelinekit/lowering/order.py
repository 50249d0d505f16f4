"""Shapes of order: levels, chains, and what may overlap."""

from itertools import pairwise

from pipelinekit.model.plan import Plan, Stage
from pipelinekit.semantics.selection import ancestors, descendants


def levels(stages: tuple[Stage, ...]) -> tuple[tuple[Stage, ...], ...]:
    """The stages by the length of the longest chain of needs before them. Needs outside of `stages` count for nothing."""
    depth: dict[str, int] = {}
    for stage in stages:
        depth[stage.name] = max((depth[need.stage] + 1 for need in stage.needs if need.stage in depth), default=0)
    return tuple(tuple(s for s in stages if depth[s.name] == level) for level in range(max(depth.values(), default=-1) + 1))


def is_chain(plan: Plan) -> bool:
    """Whether no two jobs of the plan may overlap, by its needs alone."""
    names = [stage.name for stage in plan.stages]
    return all(later in descendants(plan, [earlier]) for earlier, later in pairwise(names))


def overlapping(plan: Plan, stage: Stage) -> tuple[Stage, ...]:
    """The stages that no need orders before or after `stage`."""
    ordered = ancestors(plan, [stage.name]) | descendants(plan, [stage.name]) | {stage.name}
    return tuple(other for other in plan.stages if other.name not in ordered)
