"""The facts of a run in GitLab's words.

What always applies becomes a variable of the job. What may be unset, or is written by outsiders, is exported by the
script: a variable of the job could fall back on nothing, and GitLab expands its value twice, on the server and on the runner.
"""

from pipelinekit.model.features import facts
from pipelinekit.model.plan import Stage

VARIABLES = {
    "PK_SHA": "$CI_COMMIT_SHA",
    "PK_SHORT_SHA": "$CI_COMMIT_SHORT_SHA",
    "PK_RUN_ID": "$CI_PIPELINE_ID",
    "PK_RUN_URL": "$CI_PIPELINE_URL",
    "PK_REPOSITORY": "$CI_PROJECT_PATH",
}

EXPORTS = {
    "PK_BRANCH": "${CI_MERGE_REQUEST_SOURCE_BRANCH_NAME:-$CI_COMMIT_BRANCH}",
    "PK_TARGET_BRANCH": "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "PK_TAG": "$CI_COMMIT_TAG",
    "PK_PULL_REQUEST": "$CI_MERGE_REQUEST_IID",
    "PK_AUTHOR": "$CI_COMMIT_AUTHOR",
    "PK_TITLE": "${CI_MERGE_REQUEST_TITLE:-$CI_COMMIT_TITLE}",
}

PARENT = "PARENT_PIPELINE_ID"
"""What a trigger job hands to its child pipeline: the run's number, and where the run's artifacts are."""

OF_PARENT = {"PK_RUN_ID": f"${PARENT}", "PK_RUN_URL": f"$CI_PROJECT_URL/-/pipelines/${PARENT}"}
"""The run, said in a child pipeline, which has a number of its own."""


def variables(stage: Stage, *, child: bool) -> dict[str, str]:
    """The mentioned facts that are variables of the job; PK_EVENT depends on the rules and is said there."""
    known = {**VARIABLES, **(OF_PARENT if child else {}), "PK_ENVIRONMENT": stage.environment or ""}
    return {name: known[name] for name in facts(stage) if name in known}


def exports(stage: Stage) -> list[str]:
    """The lines that set the mentioned facts that may be unset."""
    return [f'export {name}="{EXPORTS[name]}"' for name in facts(stage) if name in EXPORTS]


def spelled(text: str) -> str:
    """An image, tag or path with the commit in GitLab's words."""
    if "${PK_" not in text:
        return text
    for name in ("PK_SHA", "PK_SHORT_SHA"):
        text = _plain(text, f"${{{name}}}", VARIABLES[name])
    return text


def _plain(text: str, old: str, new: str) -> str:
    """Put `$NAME` for `${NAME}`, with its braces where the text goes on with a letter, digit or `_`."""
    head, *rest = text.split(old)
    for part in rest:
        head += (f"${{{new[1:]}}}" if part[:1].isalnum() or part[:1] == "_" else new) + part
    return head
