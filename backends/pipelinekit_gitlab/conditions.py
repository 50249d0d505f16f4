"""What starts a run, as GitLab's `rules:if` says it."""

import re

from pipelinekit.model.plan import Event, Plan
from pipelinekit_gitlab.escape import expression

MERGE_REQUEST = '$CI_PIPELINE_SOURCE == "merge_request_event"'
SAME_PROJECT = "$CI_MERGE_REQUEST_SOURCE_PROJECT_PATH == $CI_MERGE_REQUEST_PROJECT_PATH"
"""Not CI_PROJECT_PATH: a fork's merge request may run in the fork's own project, whose path that then is."""

MANUAL = "PK_MANUAL"
"""Which manual run was asked for, where there are several."""

RUN = "PK_RUN"
"""What started the run, told to a child pipeline, in which CI_PIPELINE_SOURCE says `parent_pipeline` alone."""

NO_REFERENCE = "!~ /[$%]/"
"""The server and the runner expand `$NAME` and `%NAME%` in branch and tag names: where a job reads them, such names start no run."""


def started_by(plan: Plan, event: Event, events: tuple[Event, ...]) -> str:
    """The condition of an event that a person would write in full: it holds for nothing else."""
    on_trunk = f'$CI_COMMIT_BRANCH == "{plan.trunk}"'
    match event.kind:
        case "push":
            return f'$CI_PIPELINE_SOURCE == "push" && {_branches(event.branches, plan.trunk) if event.branches else on_trunk}'
        case "pull_request":
            target = f'{MERGE_REQUEST} && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == "{plan.trunk}"'
            return target if event.forks else f"{target} && {SAME_PROJECT}"
        case "tag":
            return f'$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_TAG =~ {expression((event.tag,))}'
        case "schedule":
            return f'$CI_PIPELINE_SOURCE == "schedule" && $CI_PIPELINE_SCHEDULE_DESCRIPTION == "{event.name}" && {on_trunk}'
        case "manual":
            which = f' && ${MANUAL} == "{event.name}"' if several_manual(events) else ""
            return f"$CI_PIPELINE_SOURCE =~ /^(web|api)$/ && {on_trunk}{which}"


def without_reference(event: Event, mentioned: frozenset[str]) -> str:
    """What keeps names with a `$` or `%` out of the runs of an event, if some of its jobs mention them."""
    if event.kind == "pull_request" and "PK_BRANCH" in mentioned:
        return f" && $CI_MERGE_REQUEST_SOURCE_BRANCH_NAME {NO_REFERENCE}"
    if "PK_BRANCH" in mentioned and any("*" in glob for glob in event.branches):
        return f" && $CI_COMMIT_BRANCH {NO_REFERENCE}"
    if "PK_TAG" in mentioned and "*" in event.tag:
        return f" && $CI_COMMIT_TAG {NO_REFERENCE}"
    return ""


def among(plan: Plan, event: Event, events: tuple[Event, ...], wanted: tuple[Event, ...]) -> str:
    """The condition of an event in a job, where the workflow lets `events` in alone; shorter if all of a kind are `wanted`."""
    every = all(other in wanted for other in events if other.kind == event.kind)
    match event.kind:
        case "pull_request":
            return MERGE_REQUEST
        case "schedule":
            return '$CI_PIPELINE_SOURCE == "schedule"' if every else f'$CI_PIPELINE_SCHEDULE_DESCRIPTION == "{event.name}"'
        case "tag":
            return "$CI_COMMIT_TAG" if every else f"$CI_COMMIT_TAG =~ {expression((event.tag,))}"
        case "manual" if every:
            return "$CI_PIPELINE_SOURCE =~ /^(web|api)$/"
        case _:
            return started_by(plan, event, events)


def several_manual(events: tuple[Event, ...]) -> bool:
    return sum(event.kind == "manual" for event in events) > 1


def _branches(globs: tuple[str, ...], trunk: str) -> str:
    not_trunk = f' && $CI_COMMIT_BRANCH != "{trunk}"'
    if "**" in globs:
        return f"$CI_COMMIT_BRANCH{not_trunk}"
    found = expression(globs)
    trunk_too = re.search(found[1:-1], trunk)
    return f"$CI_COMMIT_BRANCH =~ {found}{not_trunk if trunk_too else ''}"
