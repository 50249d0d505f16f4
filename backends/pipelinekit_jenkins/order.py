"""The order of the stages as Declarative can say it: series of stages, and parallels that never stand in another parallel.

Where the needs are no such tree, stages run in waves, each waiting for all of the one before. What belongs to one environment is one unit,
since it is held by one lock.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise, product
from typing import TypeAlias

from pipelinekit.lowering import series
from pipelinekit.lowering.series import Parallel, Series, Shape, members
from pipelinekit.model.plan import Plan, Stage
from pipelinekit.model.value import value
from pipelinekit.semantics.selection import block


@value
class Block:
    """The stages of one environment (of several, where their blocks cross), held by its lock."""

    environments: tuple[str, ...]
    tree: "Tree"


@value
class Row:
    """One after the other."""

    parts: tuple["Tree", ...]


@value
class Fork:
    """Side by side; no other fork stands in its branches."""

    branches: tuple["Tree", ...]


@value
class Group:
    """Neighbours of a row that the same events start."""

    parts: tuple["Tree", ...]


@value
class Graph:
    """Jobs that start exactly when what they need has passed, by a script."""

    jobs: tuple[Stage, ...]


Tree: TypeAlias = Stage | Block | Row | Group | Fork | Graph


@value
class _Unit:
    environments: tuple[str, ...]
    jobs: tuple[str, ...]


class Arrangement:
    """The tree of a plan without matrices. `scripted` asks for graphs in place of waves where no gate or block is among the jobs."""

    def __init__(self, plan: Plan, *, scripted: bool = False) -> None:
        self.jobs = {stage.name: stage for stage in plan.stages if not stage.is_post}
        self.scripted = scripted
        self.units = _units(plan, self.jobs)
        self.unit_of = {job: name for name, unit in self.units.items() for job in unit.jobs}
        needs = {name: self._unit_needs(unit) for name, unit in self.units.items()}
        names = _topological(needs)
        self.ancestors = series.before(names, needs)
        self.tree = self._fit(series.shape(names, needs), needs) if names else Row(())

    def _unit_needs(self, unit: _Unit) -> set[str]:
        needed = {need.stage for job in unit.jobs for need in self.jobs[job].needs if need.stage in self.jobs}
        return {self.unit_of[job] for job in needed} - {self.unit_of[unit.jobs[0]]}

    def _fit(self, shape: Shape, needs: Mapping[str, set[str]], *, forked: bool = False) -> Tree:
        match shape:
            case str():
                return self._leaf(shape)
            case Series(parts=parts):
                return _row(self._fit(part, needs, forked=forked) for part in parts)
            case Parallel(branches=branches) if not forked and all(self._is_row(branch) for branch in branches):
                return Fork(tuple(self._fit(branch, needs, forked=True) for branch in branches))
            case _:
                return self._loose(members(shape), needs, forked=forked)

    def _loose(self, names: Sequence[str], needs: Mapping[str, set[str]], *, forked: bool) -> Tree:
        waves = self._waves(names, needs)
        if forked:
            return _row(self._leaf(name) for wave in waves for name in wave)
        if self.scripted and not any(self._is_held(name) for name in names):
            return Graph(tuple(self.jobs[name] for name in names))
        return _row(self._wave(wave) for wave in waves)

    def _wave(self, names: tuple[str, ...]) -> Tree:
        """Environments of one wave come after its other stages, in turn: their milestones would end one another's deliveries."""
        jobs = [self.jobs[name] for name in names if name in self.jobs]
        side_by_side = [Fork(tuple(jobs))] if len(jobs) > 1 else jobs
        return _row([*side_by_side, *(self._leaf(name) for name in names if name not in self.jobs)])

    def _leaf(self, name: str) -> Tree:
        unit = self.units.get(name)
        if unit is None or name in self.jobs:
            return self.jobs[name]
        inner = {job: {need.stage for need in self.jobs[job].needs} for job in unit.jobs}
        return Block(unit.environments, self._fit(series.shape(unit.jobs, inner), inner))

    def _is_held(self, name: str) -> bool:
        return self._is_gate(name) or name not in self.jobs

    def _is_gate(self, name: str) -> bool:
        return name in self.jobs and self.jobs[name].is_gate

    def _is_row(self, shape: Shape) -> bool:
        """Whether a branch is a job or a row of jobs."""
        return shape in self.jobs or (isinstance(shape, Series) and all(part in self.jobs for part in shape.parts))

    def _waves(self, names: Sequence[str], needs: Mapping[str, set[str]]) -> list[tuple[str, ...]]:
        """By the number of gates before, gates last, then by the longest way: nothing waits for a person whom it doesn't need."""
        place: dict[str, tuple[int, bool, int]] = {}
        for name in names:
            before = [(place[need], self._is_gate(need)) for need in needs[name] if need in place]
            gates = max((at[0] + is_gate for at, is_gate in before), default=0)
            depth = max((at[2] + 1 for at, _ in before if at[0] == gates), default=0)
            place[name] = (gates, self._is_gate(name), 0 if self._is_gate(name) else depth)
        return [tuple(name for name in names if place[name] == at) for at in sorted(set(place.values()))]

    def added(self) -> tuple[tuple[str, str], ...]:
        """The pairs of stages that this arrangement orders and the needs don't, the nearest ones only."""
        needed = series.before(tuple(self.jobs), {name: [need.stage for need in job.needs] for name, job in self.jobs.items()})
        extra = ((one, other) for one, other in _neighbours(self.tree) if one.name not in needed[other.name])
        return tuple(dict.fromkeys((one.origin, other.origin) for one, other in extra))


def _row(parts: Iterable[Tree]) -> Tree:
    """One after the other; rows among the parts become parts themselves."""
    flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Row) else (part,)))
    return flat[0] if len(flat) == 1 else Row(flat)


def _neighbours(tree: Tree) -> Iterator[tuple[Stage, Stage]]:
    """Jobs of which the second may start once the first has ended."""
    match tree:
        case Row(parts=parts):
            for part, following in pairwise(parts):
                yield from product(_ends(part, -1), _ends(following, 0))
            yield from (pair for part in parts for pair in _neighbours(part))
        case Fork(branches=branches):
            yield from (pair for branch in branches for pair in _neighbours(branch))
        case Block(tree=inner):
            yield from _neighbours(inner)
        case _:
            pass


def _ends(tree: Tree, index: int) -> tuple[Stage, ...]:
    """The jobs that a tree starts with (0) or ends with (-1); of a graph all, which is more than need be."""
    match tree:
        case Row(parts=parts):
            return _ends(parts[index], index)
        case Fork(branches=branches):
            return tuple(job for branch in branches for job in _ends(branch, index))
        case Block(tree=inner):
            return _ends(inner, index)
        case _:
            return jobs_of(tree)


def jobs_of(tree: Tree) -> tuple[Stage, ...]:
    """The jobs of a tree, in the order in which they are written."""
    match tree:
        case Row(parts=inner) | Group(parts=inner) | Fork(branches=inner):
            return tuple(job for each in inner for job in jobs_of(each))
        case Block(tree=each):
            return jobs_of(each)
        case Graph(jobs=jobs):
            return jobs
        case _:
            return (tree,)


def _units(plan: Plan, jobs: Mapping[str, Stage]) -> dict[str, _Unit]:
    """Jobs by their names and blocks by `@` and that of their first job. Blocks that cross, or wait for one another in turn, are one."""
    groups = [(frozenset({e.name}), frozenset(s.name for s in block(plan, e.name) if s.name in jobs)) for e in plan.environments]
    groups = _merged([group for group in groups if group[1]], jobs)
    units: dict[str, _Unit] = {}
    for job in jobs:
        environments, held = next((group for group in groups if job in group[1]), (frozenset(), frozenset({job})))
        in_order = tuple(name for name in jobs if name in held)
        units.setdefault(
            f"@{in_order[0]}" if environments else job, _Unit(tuple(e.name for e in plan.environments if e.name in environments), in_order)
        )
    return units


_Group: TypeAlias = tuple[frozenset[str], frozenset[str]]


def _merged(groups: list[_Group], jobs: Mapping[str, Stage]) -> list[_Group]:
    needs = {name: [need.stage for need in job.needs] for name, job in jobs.items()}
    ancestors = series.before(tuple(jobs), needs)
    for index, one in enumerate(groups):
        for other in groups[index + 1 :]:
            if one[1] & other[1] or (_follows(one, other, ancestors) and _follows(other, one, ancestors)):
                names = one[1] | other[1]
                between = {job for job in jobs if ancestors[job] & names and any(job in ancestors[name] for name in names)}
                rest = [group for group in groups if group not in (one, other)]
                return _merged([*rest, (one[0] | other[0], names | between)], jobs)
    return groups


def _follows(one: _Group, other: _Group, ancestors: Mapping[str, frozenset[str]]) -> bool:
    return any(ancestors[job] & other[1] for job in one[1])


def _topological(needs: Mapping[str, set[str]]) -> tuple[str, ...]:
    """The names, each behind what it needs, otherwise in their own order."""
    placed: dict[str, None] = {}
    while len(placed) < len(needs):
        ready = next(name for name in needs if name not in placed and needs[name] <= placed.keys())
        placed[ready] = None
    return tuple(placed)
