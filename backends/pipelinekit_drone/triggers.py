"""Which builds start a pipeline, and which of them a step: conditions, always with the event.

Without a condition on the event a pipeline runs on promotions, cron and custom builds too. A build of a tag has no
reliable branch, so refs tell tags; `branch` is the target of a pull request.
"""

import re
from collections.abc import Sequence
from typing import Any

from pipelinekit.model.plan import Event, Plan
from pipelinekit.text.yaml import Flow
from pipelinekit_drone.layout import Document

EVENTS = {"schedule": "cron", "manual": "custom"}
"""Kinds of events that Drone calls something else."""


def trigger(document: Document, plan: Plan, schedules: Sequence[str]) -> dict[str, Any]:
    """The `trigger` of a pipeline. `schedules` are the names of all cron jobs that the plan has."""
    events = document.events
    if document.gate:
        found: dict[str, Any] = {"event": Flow(["promote"]), "target": Flow([document.target]), "ref": Flow(_refs(events, plan))}
    elif any(event.branches for event in events):
        found = {"event": Flow(["push"]), "branch": _other_branches(events, plan.trunk)}
    elif any(event.kind == "tag" for event in events):
        found = {"event": _events(events), "ref": Flow(_refs(events, plan))}
    else:
        found = {"event": _events(events), "branch": Flow([plan.trunk])}
    found |= {} if document.gate else _cron(events, schedules)
    if document.statuses:
        found["status"] = Flow(list(document.statuses))
    return found


def when(events: tuple[Event, ...], document: Document, plan: Plan) -> dict[str, Any]:
    """The `when` of a step that not all events of its pipeline start; empty for one that they do."""
    if set(events) >= set(document.events):
        return {}
    refs = _refs(events, plan) != _refs(document.events, plan) and any(event.kind == "tag" for event in events)
    if document.gate:
        return {"ref": Flow(_refs(events, plan))}
    names = [event.name for event in document.events if event.kind == "schedule"]
    return {"event": _events(events)} | ({"ref": Flow(_refs(events, plan))} if refs else {}) | _cron(events, names)


def _events(events: tuple[Event, ...]) -> Flow:
    return Flow(list(dict.fromkeys(EVENTS.get(event.kind, event.kind) for event in events)))


def _refs(events: tuple[Event, ...], plan: Plan) -> list[str]:
    refs: dict[str, None] = {}
    for event in events:
        refs |= dict.fromkeys(spelled(f"refs/tags/{event.tag}") if event.kind == "tag" else [f"refs/heads/{plan.trunk}"])
    return list(refs)


def _other_branches(events: tuple[Event, ...], trunk: str) -> object:
    globs = [branch for event in events for branch in event.branches]
    included = Flow([text for glob in globs for text in spelled(glob)])
    if any(matches(glob, trunk) for glob in globs):
        return {"include": included, "exclude": Flow([trunk])}
    return included


def spelled(glob: str) -> list[str]:
    """The globs that together mean to doublestar what `glob` means to us.

    It takes `**` for several parts only where that is a whole part, and, unless it is the last one, for no part too.
    """
    *parents, last = re.sub(r"\*{3,}", "**", glob).split("/")
    found = [""]
    for part in parents:
        choices = ["*/**"] if part == "**" else _across(part)
        found = [f"{before}{text}/" for before in found for text in choices]
    choices = [last] if last == "**" else _across(last)
    return [re.sub(r"/\*\*/\*$", "/**", before + text) for before in found for text in choices]


def _across(part: str) -> list[str]:
    """What a part with `**` in it matches within one part, and across several."""
    first, *rest = part.split("**")
    found = [first]
    for piece in rest:
        found = [f"{before}{star}{piece}" for before in found for star in ("*", "*/**/*")]
    return found


def matches(glob: str, text: str) -> bool:
    """Whether a glob matches: `*` stays within a part between slashes, `**` crosses them."""
    words = ("".join(".*" if part == "**" else "[^/]*" if part == "*" else re.escape(part)) for part in re.split(r"(\*\*|\*)", glob))
    return re.fullmatch("".join(words), text) is not None


def _cron(events: tuple[Event, ...], schedules: Sequence[str]) -> dict[str, Any]:
    """Which cron jobs are meant. Beside other events only the unwanted ones can be named: builds of those have no cron name."""
    own = [event.name for event in events if event.kind == "schedule"]
    others = [name for name in schedules if name not in own]
    if not own:
        return {}
    if len(own) == len(events):
        return {"cron": Flow(own)}
    return {"cron": {"exclude": Flow(others)}} if others else {}
