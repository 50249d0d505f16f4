"""A definition with any one field changed, to a value that a user could have written there too.

What stands in several places is changed in all of them: a stage's name in the needs, an event wherever it is asked for, an
axis' name in the texts that mention it.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pipelinekit.model.plan import (
    Axis,
    Cache,
    Checkout,
    Container,
    Environment,
    Event,
    Input,
    Need,
    Pairs,
    Plan,
    Registry,
    Runner,
    Secret,
    Service,
    Source,
    Stage,
)
from pipelinekit.model.value import replace, value
from pipelinekit.testing.alternatives import OTHERS, other_data, pairs, sets, without


@value
class Change:
    """A changed plan: `field` is the class and the field (`Runner.cpus`; `Plan.targets[drone]`, `Registry.Secret.name` where that is
    another thing), `path` where it stands in the plan, and `stage` the name of the stage in which, as it was.
    """

    field: str
    path: str
    plan: Plan
    stage: str = ""


VALUES = (Plan, Stage, Event, Need, Environment, Secret, Service, Cache, Axis, Runner, Checkout, Registry, Container, Input, Source)
"""Everything that a definition is made of."""

OF_CELLS = ("Stage.cell", "Stage.of")
"""What the matrix pass sets; no definition can."""


def changes(plan: Plan) -> Iterator[Change]:
    """The plan with one field of one of its values changed, in every way that there is."""
    yield from _of_plan(plan)
    for event in _events(plan):
        for field, path, other in _within(event, f"event {event.slug}"):
            if other not in _events(plan):
                yield Change(field, path, _everywhere(plan, event, other))
    for index, environment in enumerate(plan.environments):
        yield from _of_environment(plan, index, environment)
    for index, stage in enumerate(plan.stages):
        for field, path, other in _of_stage(plan, stage):
            stages = (*plan.stages[:index], other, *plan.stages[index + 1 :])
            yield Change(field, f"{stage.name}{path}", replace(plan, stages=stages), stage.name)
    yield from _of_names(plan)


def _of_plan(plan: Plan) -> Iterator[Change]:
    def change(field: str, **fields: Any) -> Change:
        return Change(f"Plan.{field}", field, replace(plan, **fields))

    yield change("name", name=f"other-{plan.name}"[:40])
    yield change("trunk", trunk="develop" if plan.trunk == "main" else "main")
    yield change("cancel_superseded", cancel_superseded=not plan.cancel_superseded)
    yield from (change("variables", variables=other) for other in pairs(plan.variables))
    yield from (change("triggers", triggers=other) for other in sets(plan.triggers, _more_events(plan)))
    yield change("source", source=Source("other.py", 7))
    one = Stage("more", "test", image="alpine:3", commands=("make more",))
    yield change("stages", stages=(*plan.stages, one))
    for stage in plan.stages:
        if not any(need.stage == stage.name for other in plan.stages for need in other.needs) and _is_free(plan, stage):
            yield Change("Plan.stages", f"stages without {stage.name}", replace(plan, stages=without(plan.stages, stage)))
    for name in ("targets", "accept", "raw"):
        held: dict[str, Any] = getattr(plan, name)
        for target, inner in held.items():
            for other in other_data(inner):
                yield Change(f"Plan.{name}[{target}]", f"{name}[{target}]", replace(plan, **{name: {**held, target: other}}))


def _is_free(plan: Plan, stage: Stage) -> bool:
    """Whether the plan is one without the stage: an environment has a stage."""
    alone = stage.environment and sum(other.environment == stage.environment for other in plan.stages) == 1
    return len(plan.stages) > 1 and not alone


def _of_environment(plan: Plan, index: int, environment: Environment) -> Iterator[Change]:
    found: list[tuple[str, Environment]] = []
    for field in ("url", "config"):
        found += [
            (field, replace(environment, **{field: other}))
            for other in OTHERS[Environment, field](environment, getattr(environment, field))
        ]
    events = [event for event in _more_events(plan) if event.on_trunk]
    found += [("on", replace(environment, on=other)) for other in sets(environment.on, events) if other]
    found += [("source", replace(environment, source=Source("other.py", 7)))]
    for field, other in found:
        environments = (*plan.environments[:index], other, *plan.environments[index + 1 :])
        yield Change(f"Environment.{field}", f"environment {environment.name}.{field}", replace(plan, environments=environments))


def _of_names(plan: Plan) -> Iterator[Change]:
    """Names that others mention, changed there too."""
    for stage in plan.stages:
        name = f"other-{stage.name}"[:40]
        stages = [replace(other, name=name) if other is stage else other for other in plan.stages]
        renamed = [
            replace(other, needs=tuple(replace(need, stage=name) if need.stage == stage.name else need for need in other.needs))
            for other in stages
        ]
        yield Change("Stage.name", f"{stage.name}.name", replace(plan, stages=tuple(renamed)), stage.name)
    for environment in plan.environments:
        name = f"other-{environment.name}"[:40]
        stages = [replace(each, environment=name) if each.environment == environment.name else each for each in plan.stages]
        environments = tuple(replace(each, name=name) if each is environment else each for each in plan.environments)
        yield Change(
            "Environment.name", f"environment {environment.name}.name", replace(plan, stages=tuple(stages), environments=environments)
        )
    for axis in dict.fromkeys(axis for stage in plan.stages for axis in stage.matrix):
        words = {f"${{{axis.variable}}}": f"${{OTHER_{axis.variable}}}"}
        stages = [_renamed(stage, axis.name, f"other_{axis.name}", words) for stage in plan.stages]
        yield Change("Axis.name", f"axis {axis.name}.name", replace(plan, stages=tuple(stages)))


def _renamed(held: Any, name: str, other: str, words: dict[str, str]) -> Any:
    """A value with an axis' name changed: as an axis, in cells, and in the texts that hold its value."""
    if isinstance(held, Axis):
        return replace(held, name=other) if held.name == name else held
    if isinstance(held, str):
        for word, instead in words.items():
            held = held.replace(word, instead)
        return held
    if isinstance(held, tuple):
        if len(held) == 2 and held[0] == name and isinstance(held[1], str):
            return (other, held[1])
        return tuple(_renamed(each, name, other, words) for each in held)
    if isinstance(held, VALUES) and not isinstance(held, Source):
        return replace(held, **{field: _renamed(getattr(held, field), name, other, words) for field in held.__value_fields__})  # type: ignore[union-attr]  # set by the decorator
    return held


def _events(plan: Plan) -> tuple[Event, ...]:
    """Every event that is asked for somewhere."""
    asked = [*plan.triggers, *(event for each in plan.environments for event in each.on)]
    asked += [event for stage in plan.stages for event in stage.on or ()]
    return tuple(dict.fromkeys(asked))


def _more_events(plan: Plan) -> tuple[Event, ...]:
    return (*_events(plan), Event("push"), Event("schedule", "more", cron="0 5 * * 1"))


def _everywhere(plan: Plan, event: Event, other: Event) -> Plan:
    def swapped(events: tuple[Event, ...]) -> tuple[Event, ...]:
        return tuple(dict.fromkeys(other if each == event else each for each in events))

    return replace(
        plan,
        triggers=swapped(plan.triggers),
        environments=tuple(replace(each, on=swapped(each.on)) for each in plan.environments),
        stages=tuple(stage if stage.on is None else replace(stage, on=swapped(stage.on)) for stage in plan.stages),
    )


def _of_stage(plan: Plan, stage: Stage) -> Iterator[tuple[str, str, Stage]]:
    """The stage with one field changed; which fields there are to change depends on what kind of stage it is."""
    needed = [need for other in plan.stages for need in other.needs if need.stage == stage.name]
    asked = any(need.paths for need in needed)
    for field in _fields_of(stage):
        held = getattr(stage, field)
        others: Iterable[Any]
        match field:
            case "needs":
                others = _needs(plan, stage)
                yield from ((f"Need.{name}", ".needs", replace(stage, needs=other)) for name, other in _files(plan, stage))
            case "on":
                others = _on(plan, stage)
            case "environment":
                others = (each.name for each in plan.environments if each.name != held) if _is_free(plan, stage) else ()
            case "outputs":
                others = [(*held, "more/out.txt"), *([] if asked or not held else [held[:-1], (*held[:-1], f"other-{held[-1]}")])]
            case "raw":
                yield from _raw(stage)
                continue
            case "allow_failure" | "only_if" if asked:
                others = ()
            case "when":
                bound = stage.needs or needed or stage.outputs or stage.only_if
                others = ("on_failure", "always", *(["on_success"] if stage.commands else [])) if not bound else ()
            case _:
                others = OTHERS[Stage, field](stage, held)
        yield from ((f"Stage.{field}", f".{field}", replace(stage, **{field: other})) for other in others if other != held)
        yield from ((name, f".{path}", replace(stage, **{field: other})) for name, path, other in _below(held, field))
    yield "Stage.source", ".source", replace(stage, source=Source("other.py", 7))


def _raw(stage: Stage) -> Iterator[tuple[str, str, Stage]]:
    for target, inner in stage.raw.items():
        for other in other_data(inner):
            yield f"Stage.raw[{target}]", f".raw[{target}]", replace(stage, raw={**stage.raw, target: other})


_GATE = ("needs", "message", "timeout", "raw")
_CONTAINER = ("needs", "on", "timeout", "retries", "lock", "runner", "checkout", "raw", "container")
_NO_DELIVERY = ("matrix", "allow_failure", "when", "only_if")
_NO_POST = ("needs", "outputs", "only_if")
_NEVER = ("name", "message", "container", "cell", "of", "source")


def _fields_of(stage: Stage) -> tuple[str, ...]:
    """The fields that a user can set on such a stage."""
    if stage.is_gate:
        return _GATE
    if stage.container:
        return _CONTAINER
    without = (*_NEVER, *(_NO_DELIVERY if stage.environment else ("environment",)), *(_NO_POST if stage.is_post else ()))
    return tuple(field for field in Stage.__value_fields__ if field not in without)  # type: ignore[attr-defined]  # set by the decorator


def _needs(plan: Plan, stage: Stage) -> Iterator[tuple[Need, ...]]:
    """A need more, and one less."""
    for need in stage.needs:
        less = without(stage.needs, need)
        if less or not stage.is_gate:
            yield less
    known = {need.stage for need in stage.needs}
    before = plan.stages[: plan.stages.index(stage)]
    yield from ((*stage.needs, Need(other.name)) for other in before if other.name not in known and not other.is_post)


def _files(plan: Plan, stage: Stage) -> Iterator[tuple[str, tuple[Need, ...]]]:
    """Other files of the stages that it needs."""
    for index, need in enumerate(stage.needs):
        for name, other in _other_files(plan.stage(need.stage), need):
            yield name, (*stage.needs[:index], other, *stage.needs[index + 1 :])


def _other_files(source: Stage, need: Need) -> Iterator[tuple[str, Need]]:
    hands_out = not source.allow_failure and not source.only_if
    if need.cell:
        yield from (("cell", replace(need, cell=cell)) for cell in _other_cells(source, need.cell))
    yield from (("paths", replace(need, paths=need.paths[:index] + need.paths[index + 1 :])) for index in range(len(need.paths)))
    if hands_out and not need.cell:
        yield from (("paths", replace(need, paths=(*need.paths, path))) for path in source.outputs if path not in need.paths)


def _other_cells(source: Stage, cell: Pairs) -> Iterator[Pairs]:
    for index, (name, held) in enumerate(cell):
        values = next(axis.values for axis in source.matrix if axis.name == name)
        yield from ((*cell[:index], (name, other), *cell[index + 1 :]) for other in values if other != held)


def _on(plan: Plan, stage: Stage) -> Iterator[tuple[Event, ...] | None]:
    events = [event for event in _more_events(plan) if event.on_trunk or not stage.environment]
    if stage.on is None:
        yield from ((event,) for event in events)
    else:
        yield None
        yield from sets(stage.on, events)


def _within(held: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    """A value with one of its own fields changed, or one of a value inside of it."""
    kind = type(held)
    for field in kind.__value_fields__:
        inner = getattr(held, field)
        for other in OTHERS[kind, field](held, inner):
            if other != inner:
                yield f"{kind.__name__}.{field}", f"{path}.{field}", replace(held, **{field: other})
        for name, where, other in _below(inner, f"{path}.{field}"):
            yield f"Registry.{name}" if kind is Registry else name, where, replace(held, **{field: other})


def _below(held: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    """What a field holds, with a field of a value in it changed; needs and events are changed where they are asked for."""
    if isinstance(held, tuple):
        for index, each in enumerate(held):
            for name, where, other in _below(each, f"{path}[{index}]"):
                yield name, where, (*held[:index], other, *held[index + 1 :])
    elif isinstance(held, VALUES) and not isinstance(held, Event | Need | Stage | Environment | Source):
        yield from _within(held, path)
        if isinstance(held, Container) and held.registry:
            host = f"other-{held.registry.host}"
            moved = replace(held, registry=replace(held.registry, host=host), repository=f"{host}/{held.repository.partition('/')[2]}")
            yield "Registry.host", f"{path}.registry.host", moved
