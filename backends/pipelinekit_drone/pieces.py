"""What one event starts, cut into the pieces that become pipelines: blocks of environments, what is between them, the end."""

from collections.abc import Iterator

from pipelinekit.lowering import gates
from pipelinekit.lowering.events import only
from pipelinekit.model.plan import Environment, Event, Plan, Stage
from pipelinekit.model.value import replace, value
from pipelinekit.semantics.selection import Selection, ancestors, block, delivers


@value
class Piece:
    """Stages of one run that belong into one pipeline; the other fields are those of a `Document`.

    Pieces of different runs with the same `key` become one pipeline.
    """

    key: tuple[object, ...]
    stages: tuple[Stage, ...]
    environment: Environment | None = None
    gate: Stage | None = None
    target: str = ""
    requires: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    publishes: bool = False


def run_of(plan: Plan, selection: Selection, event: Event, *, keep_secrets: bool) -> Plan:
    """The part of the plan that an event starts; without `keep_secrets` the stages that name one stay out of pull requests."""
    run = only(plan, selection, event)
    if keep_secrets or event.kind != "pull_request":
        return run
    chosen: dict[str, Stage] = {}
    for stage in run.stages:
        if not stage.secrets and all(need.stage in chosen for need in stage.needs):
            chosen[stage.name] = stage
    return replace(run, stages=tuple(chosen.values()))


def pieces(run: Plan, event: Event, *, store: bool) -> Iterator[Piece]:
    """The pieces of the run. Stages that run after all others end the only pipeline, or get one of their own."""
    before_end = replace(run, stages=tuple(stage for stage in run.stages if not stage.is_post))
    posts = gates.post_of(run)
    places = _places(before_end, store=store)
    parts = [part for part in gates.split(before_end) if part.plan.stages]
    if len(parts) < 2 and len(set(places.values())) < 2 and not run.environments:
        if run.stages:
            yield _piece(run.stages, run, event, next(iter(places.values()), ("",)))
        return
    for part in parts:
        yield from _of_part(part, run, event, places)
        if posts:
            yield from _ends(posts, part, run, event, last=part is parts[-1])


def _of_part(part: gates.Part, run: Plan, event: Event, places: dict[str, tuple[object, ...]]) -> Iterator[Piece]:
    """What runs between two gates, by place."""
    found: dict[tuple[object, ...], list[Stage]] = {}
    for stage in part.plan.stages:
        found.setdefault(places[stage.name], []).append(stage)
    for place, stages in found.items():
        piece = _behind(part, run, _piece(tuple(stages), run, event, place, part.gate))
        if place[0]:
            piece = replace(piece, key=("environment", place[0]), environment=run.environment(str(place[0])))
        yield piece


def _ends(posts: tuple[Stage, ...], part: gates.Part, run: Plan, event: Event, *, last: bool) -> Iterator[Piece]:
    """What runs at the end of a build. A run that waits at a gate has not ended, unless by failing."""
    at_end = tuple(stage for stage in posts if stage.when == "always" and last)
    on_failure = tuple(stage for stage in posts if stage not in at_end)
    for stages, statuses in ((on_failure, ("failure",)), (at_end, ("success", "failure"))):
        if stages:
            piece = _piece(stages, run, event, ("", statuses), part.gate)
            yield replace(_behind(part, run, piece), requires=(), statuses=statuses)


def _behind(part: gates.Part, run: Plan, piece: Piece) -> Piece:
    """The piece as part of a promotion: to the environment behind the gate, if that is one, else under the gate's name."""
    if part.gate is None:
        return piece
    inside = part.plan.environments
    target = inside[0].name if len(inside) == 1 else part.gate.name
    return replace(piece, gate=part.gate, target=target, requires=_last_of(run, part.requires))


def _last_of(run: Plan, names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the stages that no other of them comes after: a stage that has passed came after all that it needs."""
    before = ancestors(run, names)
    return tuple(name for name in names if name not in before)


def _piece(stages: tuple[Stage, ...], run: Plan, event: Event, place: tuple[object, ...], gate: Stage | None = None) -> Piece:
    pushes = delivers(run, event) and any(stage.container for stage in stages)
    names = tuple(stage.name for stage in stages)
    return Piece((gate.name if gate else "", place, names, pushes, _company(event)), stages, publishes=pushes)


def _company(event: Event) -> str:
    """Events that one trigger can hold together: all that concern trunk, but for runs with values of their own."""
    if event.inputs or event.branches or event.kind == "tag":
        return event.slug
    return "trunk"


def _places(run: Plan, *, store: bool) -> dict[str, tuple[object, ...]]:
    """Of each stage the environment whose block it is in, or an empty text, the environments before it, and its worker."""
    blocks: dict[str, str] = {}
    for environment in run.environments:
        for stage in block(run, environment.name):
            blocks.setdefault(stage.name, environment.name)
    workers = _workers(run)
    if not store and any(need.paths and workers[need.stage] != workers[stage.name] for stage in run.stages for need in stage.needs):
        workers = {}
    return {
        stage.name: (blocks[stage.name],) if stage.name in blocks else ("", *_before(run, stage, blocks), *workers.get(stage.name, ()))
        for stage in run.stages
    }


def _before(run: Plan, stage: Stage, blocks: dict[str, str]) -> list[str]:
    before = {blocks[name] for name in ancestors(run, [stage.name]) if name in blocks}
    return [environment.name for environment in run.environments if environment.name in before]


def _workers(run: Plan) -> dict[str, tuple[object, ...]]:
    """The worker that a stage asks for, and how often the worker changes on the way to it: a pipeline has one worker, and
    pipelines that wait for one another in turn would never start.
    """
    found: dict[str, tuple[int, object, object]] = {}
    for stage in run.stages:
        labels, arch = (stage.runner.labels, stage.runner.arch) if stage.runner else ((), None)
        before = [found[need.stage] for need in stage.needs if need.stage in found]
        found[stage.name] = (max((each[0] + (each[1:] != (labels, arch)) for each in before), default=0), labels, arch)
    if len({each[1:] for each in found.values()}) < 2:
        return dict.fromkeys(found, ())
    return dict(found)


def torn(run: Plan) -> set[str]:
    """The environments that no single pipeline of this run can hold: of one block, and on one side of each gate."""
    found: set[str] = set()
    holders: dict[str, str] = {}
    for environment in run.environments:
        names = {stage.name for stage in block(run, environment.name)}
        if any(holders.setdefault(name, environment.name) != environment.name for name in names):
            found.add(environment.name)
        if sum(any(stage.environment == environment.name for stage in part.plan.stages) for part in gates.split(run)) > 1:
            found.add(environment.name)
    return found
