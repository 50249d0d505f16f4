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


def pieces(run: Plan, event: Event) -> Iterator[Piece]:
    """The pieces of the run. Stages that run after all others end the only pipeline, or get one of their own."""
    publishes = delivers(run, event)
    posts = gates.post_of(run)
    parts = [part for part in gates.split(replace(run, stages=tuple(s for s in run.stages if not s.is_post))) if part.plan.stages]
    places = _places(run)
    if not run.environments and len(parts) < 2:
        if run.stages:
            yield _jobs(run.stages, event, None, publishes=publishes)
        return
    for position, part in enumerate(parts):
        inside = part.plan.environments
        target = (inside[0].name if len(inside) == 1 else part.gate.name) if part.gate else ""
        requires = part.requires if part.gate else ()
        found: dict[tuple[str, ...], list[Stage]] = {}
        for stage in part.plan.stages:
            found.setdefault(places[stage.name], []).append(stage)
        for place, stages in found.items():
            piece = _jobs(tuple(stages), event, part.gate, place, publishes=publishes)
            if place[0]:
                piece = replace(piece, key=("environment", place[0]), environment=run.environment(place[0]))
            yield replace(piece, target=target, requires=requires)
        for status in ("failure", "end") if posts else ():
            last = position == len(parts) - 1
            own = tuple(stage for stage in posts if _ends(stage, status, last))
            if own:
                piece = _jobs(own, event, part.gate, ("", "after", status))
                yield replace(piece, target=target, statuses=("failure",) if status == "failure" else ("success", "failure"))


def _ends(stage: Stage, status: str, last: bool) -> bool:
    """Whether a stage belongs to that end of a build. A run that waits at a gate has not ended, unless by failing."""
    if stage.when == "always" and last:
        return status == "end"
    return status == "failure"


def _jobs(stages: tuple[Stage, ...], event: Event, gate: Stage | None, place: tuple[str, ...] = ("",), *, publishes: bool = False) -> Piece:
    pushes = publishes and any(stage.container for stage in stages)
    names = tuple(stage.name for stage in stages)
    return Piece((gate.name if gate else "", place, names, pushes, _company(event)), stages, gate=gate, publishes=pushes)


def _company(event: Event) -> str:
    """Events that one trigger can hold together: all that concern trunk, but for runs with values of their own."""
    if event.inputs or not (event.on_trunk or event.kind == "pull_request") or event.kind == "tag":
        return event.slug
    return "trunk"


def _places(run: Plan) -> dict[str, tuple[str, ...]]:
    """Of each stage the environment whose block it is in, or an empty text and the environments that come before it."""
    blocks: dict[str, str] = {}
    for environment in run.environments:
        for stage in block(run, environment.name):
            blocks.setdefault(stage.name, environment.name)
    return {stage.name: (blocks[stage.name],) if stage.name in blocks else ("", *_before(run, stage, blocks)) for stage in run.stages}


def _before(run: Plan, stage: Stage, blocks: dict[str, str]) -> list[str]:
    before = {blocks[name] for name in ancestors(run, [stage.name]) if name in blocks}
    return [environment.name for environment in run.environments if environment.name in before]


def torn(run: Plan) -> dict[str, str]:
    """The environments that no single pipeline of this run can hold, with the reason."""
    found: dict[str, str] = {}
    holders: dict[str, str] = {}
    parts: dict[str, set[str]] = {}
    for part in gates.split(run):
        for stage in part.plan.stages:
            if stage.environment:
                parts.setdefault(stage.environment, set()).add(part.gate.name if part.gate else "")
    for environment in run.environments:
        for stage in block(run, environment.name):
            holder = holders.setdefault(stage.name, environment.name)
            if holder != environment.name:
                found[environment.name] = f"{stage.name} stands between stages of {holder} and of {environment.name}"
        if len(parts.get(environment.name, ())) > 1:
            found[environment.name] = f"a gate stands before some stages of {environment.name} and not before others"
    return found
