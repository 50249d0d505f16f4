"""PK_* as Drone says it. All are read from the environment by the shell: outsiders' text is never pasted."""

from collections.abc import Callable

from pipelinekit.model.features import facts
from pipelinekit.model.plan import Stage
from pipelinekit.text.shell import quote
from pipelinekit_drone.layout import Document
from pipelinekit_drone.triggers import EVENTS


def exports(stage: Stage, document: Document) -> list[str]:
    """The lines for each fact that the stage mentions."""
    return [line for name in facts(stage) for line in SPELLING[name](stage, document).split("\n")]


def _is(name: str, value: str) -> Callable[[Stage, Document], str]:
    return lambda _stage, _document: f"export {name}={value}"


def _event(stage: Stage, document: Document) -> str:
    """The event of the run, also where it was promoted behind a gate."""
    kinds = list(dict.fromkeys(event.kind for event in document.runs[stage.name]))
    if len(kinds) == 1:
        return f"export PK_EVENT={kinds[0]}"
    if document.gate:
        other = next(kind for kind in kinds if kind != "tag")
        return f'case "$DRONE_COMMIT_REF" in refs/tags/*) export PK_EVENT=tag ;; *) export PK_EVENT={other} ;; esac'
    arms = "".join(f"{EVENTS[kind]}) export PK_EVENT={kind} ;; " for kind in kinds if kind in EVENTS)
    if not arms:
        return 'export PK_EVENT="$DRONE_BUILD_EVENT"'
    return f'case "$DRONE_BUILD_EVENT" in {arms}*) export PK_EVENT="$DRONE_BUILD_EVENT" ;; esac'


def _branch(stage: Stage, document: Document) -> str:
    """A build of a cron job has a target alone (trigger/cron of the server)."""
    kinds = {event.kind for event in document.runs[stage.name]}
    if kinds == {"tag"}:
        return "export PK_BRANCH="
    branch = '"${DRONE_SOURCE_BRANCH:-$DRONE_COMMIT_BRANCH}"' if "schedule" in kinds else '"$DRONE_SOURCE_BRANCH"'
    if "tag" in kinds:
        return f'if [ -n "$DRONE_TAG" ]; then export PK_BRANCH=; else export PK_BRANCH={branch}; fi'
    return f"export PK_BRANCH={branch}"


def _target_branch(stage: Stage, document: Document) -> str:
    kinds = {event.kind for event in document.runs[stage.name]}
    if "pull_request" not in kinds:
        return "export PK_TARGET_BRANCH="
    if kinds == {"pull_request"}:
        return 'export PK_TARGET_BRANCH="$DRONE_TARGET_BRANCH"'
    return (
        'if [ "$DRONE_BUILD_EVENT" = pull_request ]; then export PK_TARGET_BRANCH="$DRONE_TARGET_BRANCH"; else export PK_TARGET_BRANCH=; fi'
    )


def _environment(stage: Stage, _document: Document) -> str:
    return f"export PK_ENVIRONMENT={quote(stage.environment) if stage.environment else ''}"


# The message of a pull request's build is its description, its title stands apart (environ.Build of runner-go).
_TITLE = '"${DRONE_PULL_REQUEST_TITLE:-$(printf \'%s\' "$DRONE_COMMIT_MESSAGE" | head -n 1)}"'

SPELLING: dict[str, Callable[[Stage, Document], str]] = {
    "PK_SHA": _is("PK_SHA", '"$DRONE_COMMIT_SHA"'),
    "PK_SHORT_SHA": lambda _stage, _document: 'PK_SHORT_SHA="$(printf %.8s "$DRONE_COMMIT_SHA")"\nexport PK_SHORT_SHA',
    "PK_EVENT": _event,
    "PK_BRANCH": _branch,
    "PK_TARGET_BRANCH": _target_branch,
    "PK_TAG": _is("PK_TAG", '"$DRONE_TAG"'),
    "PK_PULL_REQUEST": _is("PK_PULL_REQUEST", '"$DRONE_PULL_REQUEST"'),
    "PK_RUN_ID": _is("PK_RUN_ID", '"$DRONE_BUILD_NUMBER"'),
    "PK_RUN_URL": _is("PK_RUN_URL", '"$DRONE_BUILD_LINK"'),
    "PK_AUTHOR": _is("PK_AUTHOR", '"$DRONE_COMMIT_AUTHOR"'),
    "PK_TITLE": _is("PK_TITLE", _TITLE),
    "PK_REPOSITORY": _is("PK_REPOSITORY", '"$DRONE_REPO"'),
    "PK_ENVIRONMENT": _environment,
}


def inputs(stage: Stage, document: Document) -> list[str]:
    """What a manual run was given arrives as build parameters, which are variables already: defaults and choices are left.

    Behind a gate nothing tells a manual run from another.
    """
    events = document.runs[stage.name]
    lines = []
    for value in (value for event in events for value in event.inputs):
        name = value.variable
        lines.append(f'[ -n "${{{name}+set}}" ] || export {name}={quote(value.default) if value.default else ""}')
        if value.choices:
            known = " | ".join(quote(choice) for choice in value.choices)
            lines.append(f'case "${name}" in {known}) ;; *) echo "{name} is none of its choices" >&2; exit 1 ;; esac')
    if lines and not document.gate and any(event.kind != "manual" for event in events):
        return ['if [ "$DRONE_BUILD_EVENT" = custom ]; then', *(f"  {line}" for line in lines), "fi"]
    return lines
