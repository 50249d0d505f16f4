"""Events and what they select."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import combinations

from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit.semantics.selection import Selection, delivers, takes_forks

_TOKEN = re.compile(r"\*\*|.")
_STARS = ("*", "**")


def explicit_events_are_wide_enough(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """A stage with its own `on=` must cover the events of all that needs it."""
    stages = {stage.name: stage for stage in plan.stages}
    forks = takes_forks(plan)
    for dependant in plan.stages:
        for need in dependant.needs:
            stage = stages[need.stage]
            if stage.on is None:
                continue
            missing = [event for event in selection.runs(dependant) if event not in selection.runs(stage)]
            secret = dependant.secrets or stage.secrets
            lost_forks = dependant.name in forks and stage.name not in forks and not secret
            if missing or lost_forks:
                events = ", ".join(event.slug for event in missing) or "pull requests from forks"
                message = f"{stage.name} doesn't run on {events}, where {dependant.name} ({dependant.source}) needs it"
                yield Diagnostic(
                    "PK020", "error", message, "widen its on=, or leave it out", stage.source, stage=stage.name, related=(dependant.source,)
                )


def deliveries_stay_on_trunk(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """What needs a delivery runs on its environment's deliveries: by the closure it would else deliver from pull requests,
    other branches, or tags that nobody asked whether they are on trunk.
    """
    for stage in plan.stages:
        outside = [event for event in selection.runs(stage) if not _may_deliver(plan, stage, event)] if stage.environment else []
        if outside:
            events = ", ".join(event.slug for event in outside)
            needing = next((other for other in plan.stages if any(need.stage == stage.name for need in other.needs)), stage)
            message = f"{stage.name} can't deliver on {events}, where {needing.name} ({needing.source}) needs it"
            hint = f"give {needing.name} an on= of deliveries"
            yield Diagnostic("PK020", "error", message, hint, stage.source, stage=stage.name, related=(needing.source,))


def _may_deliver(plan: Plan, stage: Stage, event: Event) -> bool:
    """Whether an environment takes the event, or the stage itself asks for one that needs no more than trunk's commit."""
    if stage.environment is None or event in plan.environment(stage.environment).on:
        return True
    return event.on_trunk and event.kind != "tag" and stage.on is not None


def something_runs(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """Each stage is selected by some event, and there is a stage."""
    if not plan.stages:
        yield Diagnostic("PK035", "error", "the pipeline has no stage", "p.test(…)", plan.source)
    for stage in plan.stages:
        if not selection.runs(stage):
            yield Diagnostic(
                "PK035",
                "error",
                f"no event ever starts {stage.name}",
                "give it on=, or let something need it",
                stage.source,
                stage=stage.name,
            )


def no_two_runs_of_one_event(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """Globs of two push or tag events never match the same branch or tag."""
    for one, other in combinations(selection.events, 2):
        if one.kind != other.kind or one.kind not in ("push", "tag"):
            continue
        globs = [(a, b) for a in _globs(one) for b in _globs(other) if overlap(a, b)]
        if globs:
            a, b = globs[0]
            yield Diagnostic(
                "PK026",
                "error",
                f"on.{one.kind}({a!r}) and on.{other.kind}({b!r}) can match one {'tag' if one.tag else 'branch'}",
                "use the same globs wherever they are meant",
                plan.source,
            )
    names = [event.name for event in selection.events if event.kind in ("schedule", "manual")]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Diagnostic("PK002", "error", f"two schedules or manual runs are called {name!r}", "name them apart", plan.source)


def images_are_published(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """A container build that no delivery selects is built and thrown away."""
    for stage in plan.stages:
        if stage.container and not any(delivers(plan, event) for event in selection.runs(stage)):
            yield Diagnostic(
                "PK037",
                "warning",
                f"{stage.name} never publishes its image: no environment takes an event that selects it",
                "images are published in deliveries alone",
                stage.source,
                stage=stage.name,
            )


def _globs(event: Event) -> tuple[str, ...]:
    return event.branches or ((event.tag,) if event.tag else ())


def overlap(one: str, other: str) -> bool:
    """Whether some text matches both globs; `*` stays within a part between slashes, `**` crosses them."""
    left, right = _TOKEN.findall(one), _TOKEN.findall(other)

    @cache
    def meet(i: int, j: int) -> bool:
        """Whether what is left of both globs can match one text."""
        if i == len(left) or j == len(right):
            return all(token in _STARS for token in (*left[i:], *right[j:]))
        a, b = left[i], right[j]
        if a in _STARS and (meet(i + 1, j) or (_takes(a, b) and meet(i, j + 1))):
            return True
        if b in _STARS and (meet(i, j + 1) or (_takes(b, a) and meet(i + 1, j))):
            return True
        return a == b and a not in _STARS and meet(i + 1, j + 1)

    return meet(0, 0)


def _takes(star: str, token: str) -> bool:
    """Whether a star can match a text that the other glob's token stands for."""
    return star == "**" or token not in ("/", "**")
