"""The graph of needs."""

from collections.abc import Iterator

from pipelinekit.diagnostics import Diagnostic, nearest
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.matrix import cell_name, cells_of
from pipelinekit.semantics.selection import Selection, block


def needs_are_known_and_ordered(plan: Plan) -> Iterator[Diagnostic]:
    """Plans from Python can't break this; plans from JSON can."""
    names = {stage.name for stage in plan.stages}
    seen: set[str] = set()
    late: dict[str, set[str]] = {}
    for stage in plan.stages:
        if stage.name in seen:
            yield Diagnostic("PK002", "error", f"{stage.name!r} is the name of two stages", "", stage.source, stage=stage.name)
        for need in stage.needs:
            if need.stage not in names:
                yield Diagnostic(
                    "PK004", "error", f"{stage.name} needs {need.stage!r}, which there is not", nearest(need.stage, names), stage.source
                )
            elif need.stage not in seen:
                late.setdefault(stage.name, set()).add(need.stage)
        seen.add(stage.name)
    if late:
        yield from _cycles(plan, late)


def _cycles(plan: Plan, late: dict[str, set[str]]) -> Iterator[Diagnostic]:
    from graphlib import CycleError, TopologicalSorter

    try:
        TopologicalSorter({stage.name: [need.stage for need in stage.needs] for stage in plan.stages}).prepare()
    except CycleError as error:
        path = " → ".join(reversed(error.args[1]))
        stage = plan.stage(error.args[1][0])
        yield Diagnostic("PK022", "error", f"stages need one another: {path}", "take one of these needs out", stage.source)
        return
    for name, needed in late.items():
        yield Diagnostic(
            "PK022",
            "error",
            f"{name} stands before {', '.join(sorted(needed))}, which it needs",
            "order stages by their needs",
            plan.stage(name).source,
        )


def cells_have_names_of_their_own(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """A cell's name, its stage's with the values behind it, is no other job's."""
    owners: dict[str, str] = {}
    for stage in plan.stages:
        for cell in cells_of(stage):
            name = cell_name(stage.name, cell)
            other = owners.setdefault(name, stage.name)
            if other != stage.name:
                message = (
                    f"a cell of {stage.name if stage.matrix else other} and {other if stage.matrix else stage.name} would both be {name!r}"
                )
                yield Diagnostic(
                    "PK002", "error", message, "rename one of them", stage.source, stage=stage.name, related=(plan.stage(other).source,)
                )


def gates_stand_outside_of_blocks(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """Waiting for a person inside a block would hold the environment's lock."""
    for environment in plan.environments:
        for stage in block(plan, environment.name):
            if stage.is_gate:
                hint = "ask before the first stage of the environment, or use two environments"
                yield Diagnostic(
                    "PK023",
                    "error",
                    f"the gate {stage.name} stands between stages of {environment.name}",
                    hint,
                    stage.source,
                    stage=stage.name,
                )
