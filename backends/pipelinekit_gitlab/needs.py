"""What a job waits for and takes files from."""

from collections.abc import Iterator
from typing import Any

from pipelinekit.model.plan import Event, Need, Pairs, Stage
from pipelinekit.semantics.matrix import cells_of
from pipelinekit.text.yaml import Flow, Quoted
from pipelinekit_gitlab import artifacts
from pipelinekit_gitlab.facts import PARENT
from pipelinekit_gitlab.layout import Layout


def waits_for(layout: Layout, stage: Stage) -> list[Need]:
    """The stage's needs; behind one that may be left out of the run also what that one needs, since the order is kept."""
    found = list(stage.needs)
    known = {need.stage for need in found}
    for need in found:
        if optional(layout, stage, layout.stages[need.stage]):
            for further in layout.stages[need.stage].needs:
                if further.stage not in known:
                    known.add(further.stage)
                    found.append(Need(further.stage))
    return found


def optional(layout: Layout, stage: Stage, needed: Stage) -> bool:
    """Whether `needed` may be absent from a run that has `stage`: left out by its files, or the guard of other events."""
    return _may_lack(layout, layout.selection.runs(stage), needed)


def _may_lack(layout: Layout, runs: tuple[Event, ...], needed: Stage) -> bool:
    if needed.only_if and any(event.kind == "pull_request" for event in runs):
        return True
    there = layout.selection.runs(needed)
    return runs is not there and not set(runs) <= set(there)


def of_job(layout: Layout, stage: Stage) -> list[Any] | Flow:
    """`needs:` of a stage's job: jobs of its own pipeline, trigger jobs for those of a child, artifacts of the parent."""
    entries: dict[str, Any] = {}
    here = layout.home(stage.name)
    for need in waits_for(layout, stage):
        there = layout.home(need.stage)
        if there == here:
            entries.update(_same(layout, stage, need))
        elif here is None and there is not None:
            name = layout.trigger(there)
            entries[name] = name
        elif there is None:
            entries.update(_of_parent(layout, need))
    return compact(list(entries.values()))


def of_trigger(layout: Layout, environment: str) -> list[Any] | Flow:
    """`needs:` of the job that starts a child pipeline: all that its stages need of others."""
    return compact([*_trigger_entries(layout, environment).values()])


def names(layout: Layout, job: str) -> list[str]:
    """The jobs of the pipeline itself that one of its jobs needs."""
    environment = next((name for name in layout.blocks if layout.trigger(name) == job), None)
    if environment is not None:
        return list(_trigger_entries(layout, environment))
    homes = {need.stage: layout.home(need.stage) for need in waits_for(layout, layout.stages[job])}
    return [layout.trigger(home) if home else name for name, home in homes.items()]


def _trigger_entries(layout: Layout, environment: str) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    runs = layout.runs(layout.blocks[environment])
    for stage in layout.blocks[environment]:
        for need in waits_for(layout, stage):
            home = layout.home(need.stage)
            if home != environment:
                name = layout.trigger(home) if home else need.stage
                maybe = home is None and _may_lack(layout, runs, layout.stages[need.stage])
                entries[name] = {"job": name, "optional": True} if maybe else name
    return entries


def _same(layout: Layout, stage: Stage, need: Need) -> Iterator[tuple[str, Any]]:
    """The entries for a need in the same pipeline: one, or one for each part of a matrix of which one cell's files are asked for."""
    needed = layout.stages[need.stage]
    asked = [other for other in stage.needs if other.stage == need.stage]
    maybe = {"optional": True} if optional(layout, stage, needed) else {}
    hands_out = bool(artifacts.handed_out(layout, needed))
    if not any(other.cell for other in asked):
        none = {"artifacts": False} if hands_out and not any(other.paths for other in asked) else {}
        yield need.stage, {"job": need.stage, **none, **maybe} if none or maybe else need.stage
        return
    everywhere = any(other.paths and not other.cell for other in asked)
    giving = [cell for cell in cells_of(needed) if everywhere or any(other.cell == cell and other.paths for other in asked)]
    waited = [cell for cell in cells_of(needed) if cell not in giving]
    for cells, none in ((giving, {}), (waited, {"artifacts": False})):
        if cells:
            rows = [_row(cell) for cell in cells]
            yield f"{need.stage} {bool(none)}", {"job": need.stage, **none, **maybe, "parallel": {"matrix": rows}}


def _row(cell: Pairs) -> dict[str, Any]:
    return {name.upper(): Quoted(value) for name, value in cell}


def _of_parent(layout: Layout, need: Need) -> Iterator[tuple[str, Any]]:
    """Files of the run's own jobs, asked for in a child pipeline; the trigger job has waited for them."""
    needed = layout.stages[need.stage]
    for cell in cells_of(needed) if need.paths else ():
        if not need.cell or need.cell == cell:
            name = job_name(need.stage, cell)
            yield name, {"pipeline": f"${PARENT}", "job": name}


def job_name(stage: str, cell: Pairs) -> str:
    """What GitLab calls the job of a cell."""
    return f"{stage}: [{', '.join(value for _, value in cell)}]" if cell else stage


def compact(entries: list[Any]) -> list[Any] | Flow:
    """A list of names alone stands on one line."""
    return Flow(entries) if entries and all(isinstance(entry, str) for entry in entries) else entries


def count(layout: Layout, stage: Stage) -> int:
    """How many jobs a job needs, each cell counted."""
    return sum(len(cells_of(layout.stages[name])) for name in {need.stage for need in waits_for(layout, stage)})
