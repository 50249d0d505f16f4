"""What starts a run, as GitLab's `rules:if` says it."""

import re

from pipelinekit.model.plan import Event, Plan

MERGE_REQUEST = '$CI_PIPELINE_SOURCE == "merge_request_event"'
SAME_PROJECT = "$CI_MERGE_REQUEST_SOURCE_PROJECT_PATH == $CI_MERGE_REQUEST_PROJECT_PATH"
"""Not CI_PROJECT_PATH: a fork's merge request may run in the fork's own project, whose path that then is."""

MANUAL = "PK_MANUAL"
"""Which manual run was asked for, where there are several."""

RUN = "PK_RUN"
"""What started the run, told to a child pipeline, in which CI_PIPELINE_SOURCE says `parent_pipeline` alone."""

_TOKEN = re.compile(r"\*\*|\*|[^*]+")


def started_by(plan: Plan, event: Event, *, several_manual: bool = False) -> str:
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
            which = f' && ${MANUAL} == "{event.name}"' if several_manual else ""
            return f"$CI_PIPELINE_SOURCE =~ /^(web|api)$/ && {on_trunk}{which}"


def _branches(globs: tuple[str, ...], trunk: str) -> str:
    not_trunk = f' && $CI_COMMIT_BRANCH != "{trunk}"'
    if "**" in globs:
        return f"$CI_COMMIT_BRANCH{not_trunk}"
    found = expression(globs)
    trunk_too = re.search(found[1:-1].replace(r"\/", "/"), trunk)
    return f"$CI_COMMIT_BRANCH =~ {found}{not_trunk if trunk_too else ''}"


def expression(globs: tuple[str, ...]) -> str:
    """Globs as one RE2 expression between slashes; `*` stays within a part of a path, `**` crosses parts."""
    found = ["".join(_piece(token) for token in _TOKEN.findall(glob)) for glob in globs]
    return f"/^{found[0]}$/" if len(found) == 1 else f"/^({'|'.join(found)})$/"


def _piece(token: str) -> str:
    if token == "**":
        return ".*"
    return r"[^\/]*" if token == "*" else token.replace(".", r"\.").replace("/", r"\/")


def changes(glob: str) -> str:
    """A glob of changed files as `rules:changes` reads it: Ruby's fnmatch, in which a last `**` stays in its folder."""
    if glob.endswith("/"):
        return f"{glob}**/*"
    return re.sub(r"\*\*(?!/)", "**/*", glob)
