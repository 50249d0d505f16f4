"""What becomes a job: a chain of jobs for each event, a stage a job, and one job for stages that can't be apart.

A block holds its environment as one serial job. Nothing but versions of resources passes from job to job, so without a
bucket stages that hand files on share a job too; whatever lies between two stages of a job joins them.
"""

from collections.abc import Iterable, Iterator

from pipelinekit.backend import Request
from pipelinekit.lowering.events import only
from pipelinekit.lowering.order import levels
from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit.model.value import value
from pipelinekit.semantics.selection import ancestors, block
from pipelinekit_concourse.settings import Settings


@value
class Unit:
    """The stages of one job, in the order of the plan, and the environments that it holds."""

    name: str
    stages: tuple[Stage, ...]
    environments: tuple[str, ...] = ()

    @property
    def is_gate(self) -> bool:
        return len(self.stages) == 1 and self.stages[0].is_gate


@value
class Chain:
    """The jobs that one event starts, `of` by the names of their stages; `after` are the stages that run when they have ended."""

    event: Event
    plan: Plan
    units: tuple[Unit, ...]
    after: tuple[Stage, ...]
    of: dict[str, Unit]

    def upstream(self, unit: Unit) -> tuple[Unit, ...]:
        """The units that hold what this one needs."""
        needed = {self.of[need.stage].name: self.of[need.stage] for stage in unit.stages for need in stage.needs}
        return tuple(other for name, other in needed.items() if name != unit.name)

    @property
    def roots(self) -> tuple[Unit, ...]:
        return tuple(unit for unit in self.units if not self.upstream(unit))

    @property
    def sinks(self) -> tuple[Unit, ...]:
        needed = {other.name for unit in self.units for other in self.upstream(unit)}
        return tuple(unit for unit in self.units if unit.name not in needed)


def chains(request: Request[Settings]) -> tuple[Chain, ...]:
    """The chains in the order of their events; kept for the request that was asked about last."""
    if not _kept or _kept[0][0] is not request:
        _kept[:] = [(request, tuple(_chain(request, event) for event in request.selection.events))]
    return _kept[0][1]


_kept: list[tuple[Request[Settings], tuple[Chain, ...]]] = []


def _chain(request: Request[Settings], event: Event) -> Chain:
    plan = _without_secrets(only(request.plan, request.selection, event), request, event)
    stages = tuple(stage for stage in plan.stages if not stage.is_post)
    units = _named(tuple(_units(plan, stages, bool(request.settings.bucket))))
    of = {stage.name: unit for unit in units for stage in unit.stages}
    return Chain(event, plan, units, tuple(stage for stage in plan.stages if stage.is_post), of)


def _without_secrets(plan: Plan, request: Request[Settings], event: Event) -> Plan:
    """The resource of pull requests can't tell forks from others: once forks are taken, all get what forks may."""
    if not event.forks:
        return plan
    from pipelinekit.model.value import replace

    return replace(plan, stages=tuple(stage for stage in plan.stages if request.selection.in_forks(stage)))


def _units(plan: Plan, stages: tuple[Stage, ...], has_bucket: bool) -> Iterator[Unit]:
    for group in _groups(plan, stages, has_bucket):
        yield Unit("", group, tuple(dict.fromkeys(stage.environment for stage in group if stage.environment)))


def _groups(plan: Plan, stages: tuple[Stage, ...], has_bucket: bool) -> list[tuple[Stage, ...]]:
    """The smallest groups that keep blocks and hand-overs within a job and leave no cycle among jobs."""
    groups = [{stage.name} for stage in stages]
    joined = [{stage.name for stage in block(plan, environment.name)} for environment in plan.environments]
    if not has_bucket:
        joined += [{stage.name, need.stage} for stage in stages for need in stage.needs if need.paths]
    for names in joined:
        groups = _merge(groups, names)
    if len(groups) < len(stages):
        groups = _closed(plan, groups)
    of = {name: index for index, group in enumerate(groups) for name in group}
    found: dict[int, list[Stage]] = {}
    for stage in stages:
        found.setdefault(of[stage.name], []).append(stage)
    return [tuple(group) for group in found.values()]


def _merge(groups: list[set[str]], names: set[str]) -> list[set[str]]:
    """The groups with those that hold one of `names` made one."""
    touched = [group for group in groups if group & names]
    return [*(group for group in groups if not group & names), set().union(*touched)] if len(touched) > 1 else groups


def _closed(plan: Plan, groups: list[set[str]]) -> list[set[str]]:
    """Join groups until no path leaves one and comes back."""
    while True:
        cycle = _cycle(plan, groups)
        if not cycle:
            return groups
        groups = _merge(groups, cycle)


def _cycle(plan: Plan, groups: list[set[str]]) -> set[str]:
    from graphlib import CycleError, TopologicalSorter

    of = {name: index for index, group in enumerate(groups) for name in group}
    edges: dict[int, set[int]] = {index: set() for index in range(len(groups))}
    for stage in plan.stages:
        if stage.name in of:
            edges[of[stage.name]] |= {of[need.stage] for need in stage.needs if need.stage in of} - {of[stage.name]}
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return set().union(*(groups[index] for index in error.args[1]))
    return set()


def _named(units: tuple[Unit, ...]) -> tuple[Unit, ...]:
    """Names of jobs: the stage's, the environment's for its block, else the stages' joined."""
    taken: set[str] = {unit.stages[0].name for unit in units if len(unit.stages) == 1}
    named = []
    for unit in units:
        name = unit.stages[0].name if len(unit.stages) == 1 else unique(_joined(unit), taken)
        taken.add(name)
        named.append(Unit(name, unit.stages, unit.environments))
    return tuple(named)


def _joined(unit: Unit) -> str:
    names = [stage.name for stage in unit.stages]
    if len(unit.environments) == 1:
        return unit.environments[0]
    return "-".join(names) if len(names) < 4 else f"{names[0]}-to-{names[-1]}"


def unique(name: str, taken: Iterable[str]) -> str:
    """The name, or the first of `name-2`, `name-3` … that isn't taken."""
    known = taken if isinstance(taken, set) else set(taken)
    count = 2
    found = name
    while found in known:
        found, count = f"{name}-{count}", count + 1
    return found


def rows(unit: Unit) -> tuple[tuple[Stage, ...], ...]:
    """The stages of a job in rows that come one after the other; stages of a row may run side by side."""
    return levels(unit.stages)


def adds_order(chain: Chain, joined: Iterable[Unit]) -> bool:
    """Whether a job of several stages makes one of them wait for what it doesn't need, or makes another wait for it."""
    return any(_adds_order(chain, unit) for unit in joined if len(unit.stages) > 1)


def _adds_order(chain: Chain, unit: Unit) -> bool:
    names = {stage.name for stage in unit.stages}
    before = {stage.name: ancestors(chain.plan, [stage.name]) for stage in unit.stages}
    needed = {need.stage for stage in unit.stages for need in stage.needs} - names
    after = {stage.name for stage in chain.plan.stages if stage.name not in names and any(need.stage in names for need in stage.needs)}
    waits_longer = any(needed - found for found in before.values())
    holds_up = any(names - ancestors(chain.plan, [name]) for name in after)
    return waits_longer or holds_up or _rows_add_order(unit, before)


def _rows_add_order(unit: Unit, before: dict[str, set[str]]) -> bool:
    earlier: set[str] = set()
    for row in rows(unit):
        if any(earlier - before[stage.name] for stage in row):
            return True
        earlier |= {stage.name for stage in row}
    return False


def blocks(chain: Chain) -> tuple[Unit, ...]:
    return tuple(unit for unit in chain.units if unit.environments)


def shares(chain: Chain, unit: Unit) -> bool:
    """Whether a job that holds an environment has stages that are no part of its block."""
    inside = {stage.name for name in unit.environments for stage in block(chain.plan, name)}
    return any(stage.name not in inside for stage in unit.stages)


def handovers(chain: Chain) -> tuple[Unit, ...]:
    """The jobs whose stages hand files to one another."""
    return tuple(unit for unit in chain.units if any(need.paths for stage in unit.stages for need in stage.needs))


def holds_gate(unit: Unit) -> bool:
    return len(unit.stages) > 1 and any(stage.is_gate for stage in unit.stages)


def ends_at_once(chain: Chain) -> bool:
    """Whether the jobs stand in one row, so that none can run beside another: the end of a failed one is the end of the run."""
    return len(chain.roots) < 2 and len(chain.sinks) < 2 and all(len(chain.upstream(unit)) < 2 for unit in chain.units)
