"""Where a step stands: the request, its chain, and the cells of the chain's matrices with the files that are asked of each."""

import re
from collections.abc import Iterator

from pipelinekit.backend import Request
from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit.model.value import value
from pipelinekit.semantics.matrix import unroll
from pipelinekit_concourse import escape
from pipelinekit_concourse.layout import Chain
from pipelinekit_concourse.settings import Settings

REPO = "repo"
"""The name of the tree in every job, whatever resource it comes from."""

_PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


@value
class Place:
    """A chain with what its steps ask for: the cells of each stage, and the paths that others want of each cell."""

    request: Request[Settings]
    chain: Chain
    cells: dict[str, tuple[Stage, ...]]
    asked: dict[str, tuple[str, ...]]

    @property
    def plan(self) -> Plan:
        return self.chain.plan

    @property
    def event(self) -> Event:
        return self.chain.event

    @property
    def settings(self) -> Settings:
        return self.request.settings

    def is_across(self, stage: Stage) -> bool:
        """Whether the cells can be one `across` step: nothing that such a step makes is visible after it."""
        return bool(stage.matrix) and not any(self.asked.get(cell.name) for cell in self.cells[stage.name])

    def tasks(self, stage: Stage) -> tuple[Stage, ...]:
        """What becomes a task each: the stage, with needs on cells, or its cells."""
        if self.is_across(stage):
            return (_with(stage, self.cells[stage.name][0]),)
        return self.cells[stage.name]


def _with(stage: Stage, cell: Stage) -> Stage:
    from pipelinekit.model.value import replace

    return replace(stage, needs=cell.needs)


def place(request: Request[Settings], chain: Chain) -> Place:
    cells: dict[str, list[Stage]] = {}
    asked: dict[str, dict[str, None]] = {}
    for stage in unroll(chain.plan).stages:
        cells.setdefault(stage.origin, []).append(stage)
        for need in stage.needs:
            asked.setdefault(need.stage, {}).update(dict.fromkeys(need.paths))
    return Place(
        request,
        chain,
        {name: tuple(found) for name, found in cells.items()},
        {name: tuple(paths) for name, paths in asked.items() if paths},
    )


def local(stage: Stage, text: str) -> str:
    """The text with `((.:axis))` in place of each value of an `across` step; a cell's text is full already."""
    axes = {axis.variable: axis.name for axis in stage.matrix}
    return _PLACEHOLDER.sub(lambda match: escape.local(axes[match[1]]) if match[1] in axes else match[0], text)


def artifact(task: str) -> str:
    """The artifact that a task makes: named by it, unless a job has another of that name."""
    return f"{task}-files" if task in (REPO, "image", "short-sha") else identifier(task)


def identifier(name: str) -> str:
    """Concourse's identifiers have no capitals, which the values of a cell may have."""
    return name.lower()


def sources(stage: Stage) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The artifacts that a task takes, by the name of the task that made them, and the paths wanted of each."""
    merged: dict[str, dict[str, None]] = {}
    for need in stage.needs:
        if need.paths:
            merged.setdefault(need.stage, {}).update(dict.fromkeys(need.paths))
    yield from ((name, tuple(paths)) for name, paths in merged.items())
