"""`rules:` of a job: which events have it, and what of it differs between them."""

from typing import Any

from pipelinekit.model.features import facts
from pipelinekit.model.plan import Event, Stage
from pipelinekit.text.yaml import Commented
from pipelinekit_gitlab import conditions, containers
from pipelinekit_gitlab.caches import POLICY, follows_policy
from pipelinekit_gitlab.layout import Layout

Rules = list[Any] | None


def of_workflow(layout: Layout) -> list[Any]:
    """`workflow:rules`: the selected events and nothing else."""
    return [_workflow_rule(layout, event) for event in layout.selection.events]


def of_job(layout: Layout, stage: Stage) -> Rules:
    """A job's rules, where they say more than the workflow's."""
    events = layout.selection.runs(stage)
    differing = _differing(layout, stage)
    home = layout.home(stage.name)
    if home is not None:
        return _of_child(events, differing, layout.runs(layout.blocks[home]))
    by_files = stage.only_if and any(event.kind == "pull_request" for event in events)
    at_home_only = layout.selection.forks and not layout.selection.in_forks(stage) and any(event.forks for event in events)
    if events == layout.selection.events and not differing and not by_files and not at_home_only:
        return None
    return [_rule(layout, stage, event, differing.get(event)) for event in events]


def of_trigger(layout: Layout, environment: str) -> Rules:
    """The rules of a trigger job; it tells the child pipeline what started the run if a job there must know."""
    events = layout.runs(layout.blocks[environment])
    tells = any(of_job(layout, stage) for stage in layout.blocks[environment])
    if not tells:
        return None if events == layout.selection.events else [{"if": _full(layout, event)} for event in events]
    return [{"if": _full(layout, event), "variables": {conditions.RUN: event.slug}} for event in events]


def same_everywhere(layout: Layout, stage: Stage) -> dict[str, str]:
    """The variables that depend on the event, where all events of the stage agree."""
    values = [_by_event(layout, stage, event) for event in layout.selection.runs(stage)]
    return values[0] if values and all(value == values[0] for value in values) else {}


def _differing(layout: Layout, stage: Stage) -> dict[Event, dict[str, str]]:
    """The variables that depend on the event, by event, where the events of the stage don't agree."""
    if same_everywhere(layout, stage):
        return {}
    found = {event: _by_event(layout, stage, event) for event in layout.selection.runs(stage)}
    return {event: values for event, values in found.items() if values}


def _by_event(layout: Layout, stage: Stage, event: Event) -> dict[str, str]:
    found: dict[str, str] = {"PK_EVENT": event.kind} if "PK_EVENT" in facts(stage) else {}
    if stage.container and layout.delivers(event) and containers.publishes(layout, stage) == "deliveries":
        found[containers.PUBLISH] = "true"
    return found


def _of_child(events: tuple[Event, ...], differing: dict[Event, dict[str, str]], run: tuple[Event, ...]) -> Rules:
    if events == run and not differing:
        return None
    conditions_of = {event: f'${conditions.RUN} == "{event.slug}"' for event in events}
    return [{"if": conditions_of[event], **({"variables": differing[event]} if event in differing else {})} for event in events]


def _rule(layout: Layout, stage: Stage, event: Event, variables: dict[str, str] | None) -> dict[str, Any]:
    found: dict[str, Any] = {"if": _full(layout, event)}
    if event.kind == "pull_request":
        inside = event.forks and not layout.selection.in_forks(stage)
        found["if"] = f"{conditions.MERGE_REQUEST} && {conditions.SAME_PROJECT}" if inside else conditions.MERGE_REQUEST
        if stage.only_if:
            found["changes"] = [conditions.changes(glob) for glob in stage.only_if]
    return {**found, "variables": variables} if variables else found


def _full(layout: Layout, event: Event) -> str:
    return conditions.started_by(layout.plan, event, several_manual=several_manual(layout))


def several_manual(layout: Layout) -> bool:
    return sum(event.kind == "manual" for event in layout.selection.events) > 1


def _workflow_rule(layout: Layout, event: Event) -> Any:
    found: dict[str, Any] = {"if": _full(layout, event)}
    if event.kind == "pull_request" and follows_policy(layout):
        found["variables"] = {POLICY: "pull"}
    if event.kind == "pull_request" and layout.plan.cancel_superseded:
        found["auto_cancel"] = {"on_new_commit": "interruptible"}
    if event.kind == "schedule":
        return Commented(found, f"{event.cron} UTC: a pipeline schedule of this description")
    return found
