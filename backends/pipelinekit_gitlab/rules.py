"""`rules:` of a job: which events have it, and what of it differs between them."""

from typing import Any

from pipelinekit.model.features import facts
from pipelinekit.model.plan import Event, Stage
from pipelinekit.text.yaml import Commented
from pipelinekit_gitlab import conditions, containers
from pipelinekit_gitlab.caches import POLICY, follows_policy
from pipelinekit_gitlab.escape import changes
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
    rules = [_rule(layout, stage, event, differing.get(event)) for event in events]
    return [rule for index, rule in enumerate(rules) if rule not in rules[:index]]


def of_trigger(layout: Layout, environment: str) -> Rules:
    """The rules of a trigger job; it tells the child pipeline what started the run if a job there must know."""
    events = layout.runs(layout.blocks[environment])
    tells = any(of_job(layout, stage) for stage in layout.blocks[environment])
    if not tells:
        short = [{"if": conditions.among(layout.plan, event, layout.selection.events, events)} for event in events]
        return None if events == layout.selection.events else [rule for index, rule in enumerate(short) if rule not in short[:index]]
    return [
        {"if": conditions.among(layout.plan, event, layout.selection.events, (event,)), "variables": {conditions.RUN: event.slug}}
        for event in events
    ]


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
    found: dict[str, Any] = {"if": conditions.among(layout.plan, event, layout.selection.events, layout.selection.runs(stage))}
    if event.kind == "pull_request":
        inside = event.forks and not layout.selection.in_forks(stage)
        found["if"] += f" && {conditions.SAME_PROJECT}" if inside else ""
        if stage.only_if:
            found["changes"] = [changes(glob) for glob in stage.only_if]
    return {**found, "variables": variables} if variables else found


def _workflow_rule(layout: Layout, event: Event) -> Any:
    jobs = [stage for stage in layout.plan.stages if layout.selection.selects(event, stage)]
    mentioned = frozenset(name for stage in jobs for name in facts(stage))
    condition = conditions.started_by(layout.plan, event, layout.selection.events)
    found: dict[str, Any] = {"if": condition + conditions.without_reference(event, mentioned)}
    if event.kind == "pull_request" and follows_policy(layout):
        found["variables"] = {POLICY: "pull"}
    if event.kind == "pull_request" and layout.plan.cancel_superseded:
        found["auto_cancel"] = {"on_new_commit": "interruptible"}
    if event.kind == "schedule":
        return Commented(found, f"{event.cron} UTC: a pipeline schedule of this description")
    if event.kind == "manual" and not conditions.several_manual(layout.selection.events):
        return Commented(found, event.name)
    return found
