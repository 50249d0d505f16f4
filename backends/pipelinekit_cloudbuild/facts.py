"""The facts of a run, as Cloud Build spells them: its substitutions, or what the event already says."""

from pipelinekit.model.features import facts
from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit_cloudbuild.escape import literal

BY_GIT = ("PK_AUTHOR", "PK_TITLE")
"""Facts that no substitution has: a step reads them from the commit."""

RUN = "_PK_RUN"
"""The id of the run's first build, in the builds behind its gates."""


def spelled(event: Event, trunk: str, repository: str | None, behind_gate: bool) -> dict[str, str]:
    """Each fact but those of git and PK_ENVIRONMENT, as the text of an env entry.

    Behind a gate the build was started by the build before it, so what only the event knows was handed over as `_PK_…`.
    """
    run = f"${{{RUN}}}" if behind_gate else "${BUILD_ID}"
    return {
        "PK_SHA": "${COMMIT_SHA}",
        "PK_SHORT_SHA": "${_PK_SHORT_SHA}",
        "PK_EVENT": event.kind,
        **{
            name: text if not behind_gate or not text.startswith("${") else f"${{_{name}}}"
            for name, text in _of_event(event, trunk).items()
        },
        "PK_RUN_ID": run,
        "PK_RUN_URL": f"https://console.cloud.google.com/cloud-build/builds;region=${{LOCATION}}/{run}?project=${{PROJECT_ID}}",
        "PK_REPOSITORY": literal(repository) if repository else "${REPO_FULL_NAME}",
    }


def _of_event(event: Event, trunk: str) -> dict[str, str]:
    pull_request = event.kind == "pull_request"
    branch = "${_HEAD_BRANCH}" if pull_request else "${BRANCH_NAME}" if event.branches else "" if event.kind == "tag" else literal(trunk)
    return {
        "PK_BRANCH": branch,
        "PK_TARGET_BRANCH": "${_BASE_BRANCH}" if pull_request else "",
        "PK_TAG": "${TAG_NAME}" if event.kind == "tag" else "",
        "PK_PULL_REQUEST": "${_PR_NUMBER}" if pull_request else "",
    }


def handed_over(event: Event, trunk: str, plan: Plan) -> dict[str, str]:
    """The facts that stages of `plan` mention and only the first build of a run knows, as that build spells them."""
    wanted = {name for stage in plan.stages for name in facts(stage)}
    return {name: text for name, text in _of_event(event, trunk).items() if name in wanted and text.startswith("${")}


def of_stage(stage: Stage, values: dict[str, str]) -> dict[str, str]:
    """The env entries of the facts that a stage mentions."""
    own = {**values, "PK_ENVIRONMENT": stage.environment or ""}
    return {name: own[name] for name in facts(stage) if name not in BY_GIT}


def by_git(stage: Stage) -> list[str]:
    """The facts of a stage that the step `facts` reads from the commit."""
    return [name for name in facts(stage) if name in BY_GIT]
