"""Which stages run on which event: triggers, deliveries, and the closure over needs."""

from collections.abc import Iterable

from pipelinekit.model.plan import DELIVERIES, Event, Plan, Stage
from pipelinekit.model.value import value


@value
class Selection:
    """The events that a plan reacts to, in the order of their first mention, and the stages of each.

    All pull request events are one: with `forks` when their runs have a stage, and `forks` then holds the stages of such runs.
    """

    events: tuple[Event, ...]
    by_stage: dict[str, tuple[Event, ...]]
    forks: frozenset[str]

    def runs(self, stage: Stage | str) -> tuple[Event, ...]:
        """The events on which a stage, or the stage that a cell is of, runs."""
        return self.by_stage[stage if isinstance(stage, str) else stage.of or stage.name]

    def selects(self, event: Event, stage: Stage | str) -> bool:
        return event in self.runs(stage)

    def in_forks(self, stage: Stage) -> bool:
        """Whether a stage is selected in the run of a fork's pull request."""
        return stage.origin in self.forks


def own_events(plan: Plan, stage: Stage) -> tuple[Event, ...]:
    """The events of a stage before anything that needs it is looked at."""
    if stage.on is not None:
        return stage.on
    if stage.is_gate:
        return ()
    if stage.kind in DELIVERIES and stage.environment:
        return plan.environment(stage.environment).on
    return plan.triggers


def select(plan: Plan) -> Selection:
    """The closure: a stage without `on=` also runs wherever something that needs it does."""
    asked = _asked(plan)
    mentioned = dict.fromkeys(event for stage in plan.stages for event in asked[stage.name])
    in_forks = _fork_stages(plan, asked)
    forks = bool(in_forks)
    events = tuple(dict.fromkeys(_one(event, forks) for event in mentioned))
    known: dict[tuple[Event, ...], tuple[Event, ...]] = {}
    by_stage: dict[str, tuple[Event, ...]] = {}
    for name, wanted in asked.items():
        written = tuple(wanted)
        if written not in known:
            merged = {_one(event, forks) for event in written}
            known[written] = tuple(event for event in events if event in merged)
        by_stage[name] = known[written]
    return Selection(events, by_stage, in_forks)


def _asked(plan: Plan) -> dict[str, dict[Event, None]]:
    """The events of each stage as they were written, its own and those of all that needs it."""
    asked: dict[str, dict[Event, None]] = {stage.name: {} for stage in plan.stages}
    for stage in reversed(plan.stages):
        wanted = dict.fromkeys(own_events(plan, stage))
        if stage.on is None:
            wanted.update(asked[stage.name])
        asked[stage.name] = wanted
        for need in stage.needs:
            if need.stage in asked:
                asked[need.stage].update(wanted)
    return asked


def takes_forks(plan: Plan) -> frozenset[str]:
    """The stages that pull requests from forks ask for, before anybody looks at secrets."""
    return frozenset(name for name, events in _asked(plan).items() if any(event.forks for event in events))


def _one(event: Event, forks: bool) -> Event:
    return Event("pull_request", forks=forks) if event.kind == "pull_request" else event


def _fork_stages(plan: Plan, asked: dict[str, dict[Event, None]]) -> frozenset[str]:
    """Stages of a fork's run: those that take forks, name no secret, and need none that does. A stage that no pull request selects,
    as the guard of tags, is nothing that such a run could lack.
    """
    chosen: set[str] = set()
    elsewhere = {name for name, events in asked.items() if not any(event.kind == "pull_request" for event in events)}
    for stage in plan.stages:
        taken = any(event.forks for event in asked[stage.name]) and not stage.secrets
        if taken and all(need.stage in chosen or need.stage in elsewhere for need in stage.needs):
            chosen.add(stage.name)
    return frozenset(chosen)


def deliveries(plan: Plan) -> tuple[Event, ...]:
    """The events that some environment takes."""
    return tuple(dict.fromkeys(event for environment in plan.environments for event in environment.on))


def delivers(plan: Plan, event: Event) -> bool:
    """Whether a run of this event is a delivery; only such runs publish images."""
    return any(event in environment.on for environment in plan.environments)


def descendants(plan: Plan, names: Iterable[str]) -> set[str]:
    """The stages that need one of `names`, directly or not."""
    start, reached = frozenset(names), set[str]()
    for stage in plan.stages:
        if any(need.stage in start or need.stage in reached for need in stage.needs):
            reached.add(stage.name)
    return reached


def ancestors(plan: Plan, names: Iterable[str]) -> set[str]:
    """The stages that one of `names` needs, directly or not."""
    wanted = set(names)
    found: set[str] = set()
    for stage in reversed(plan.stages):
        if stage.name in wanted or stage.name in found:
            found.update(need.stage for need in stage.needs)
    return found


def block(plan: Plan, environment: str) -> tuple[Stage, ...]:
    """The stages of one environment and what lies between them; they hold its lock together, from first command to last."""
    own = {stage.name for stage in plan.stages if stage.environment == environment}
    between = descendants(plan, own) & ancestors(plan, own)
    return tuple(stage for stage in plan.stages if stage.name in own or stage.name in between)
