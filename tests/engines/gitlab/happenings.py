"""What happens, in GitLab's words: the event that asks for a pipeline, and the variables that it predefines.

gitlab: `Gitlab::Ci::Variables::Builder::Pipeline`, `Gitlab::Ci::Variables::Builder::Project`, `MergeRequest#predefined_variables`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing.ground import EMAIL, Ground, git
from tests.readers import scalars

from .project import Project

FORK = "eve/widget"
"""Where a fork's merge request comes from. Somebody of the project starts its pipeline in the project itself; the other one, in
the fork's own project, has none of the project's variables."""

ROOT_FILE = ".gitlab-ci.yml"
HOST = "gitlab.example.com"


@dataclass(frozen=True)
class Event:
    """What is asked for: a pipeline of `sha`. `changed` are the files of a merge request, None where GitLab doesn't compare."""

    sha: str
    ref: str
    predefined: Mapping[str, str]
    protected: bool
    changed: tuple[str, ...] | None = None
    inputs: Mapping[str, Any] | None = None


def trunk(ground: Ground) -> str:
    """The project's default branch."""
    return (ground.repository / "HEAD").read_text().removeprefix("ref: refs/heads/").strip()


def event(ground: Ground, project: Project, files: Mapping[str, str], scenario: Scenario) -> Event | None:
    """The event of a scenario, or None: a schedule that nobody created."""
    happening = scenario.happening
    default = trunk(ground)
    branch = "" if happening.kind == "tag" else happening.branch or default
    protected = project.protected(branch if happening.kind != "pull_request" else "", happening.tag)
    sha = ground.world.sha
    source = {"pull_request": "merge_request_event", "schedule": "schedule", "manual": "web"}.get(happening.kind, "push")
    own = {"CI_PIPELINE_SOURCE": source, **_commit(ground, sha), "CI_COMMIT_REF_NAME": branch or happening.tag}
    own["CI_COMMIT_REF_PROTECTED"] = "true" if protected else "false"
    match happening.kind:
        case "pull_request":
            own |= _merge_request(ground, happening, default)
        case "tag":
            own["CI_COMMIT_TAG"] = happening.tag
        case _:
            own["CI_COMMIT_BRANCH"] = branch
    if happening.kind == "schedule":
        if project.schedules.get(happening.name) != branch:
            return None
        own["CI_PIPELINE_SCHEDULE_DESCRIPTION"] = happening.name
    inputs = _form(files, happening) if happening.kind == "manual" else {}
    changed = happening.changed if happening.kind == "pull_request" else None
    return Event(sha, own["CI_COMMIT_REF_NAME"], {**_project(default), **own}, protected, changed, inputs)


def _commit(ground: Ground, sha: str) -> dict[str, str]:
    message = git(ground.repository, "show", "--no-patch", "--format=%B", sha).rstrip("\n")
    title, _, rest = message.partition("\n")
    return {
        "CI_COMMIT_SHA": sha,
        "CI_COMMIT_SHORT_SHA": sha[:8],
        "CI_COMMIT_BEFORE_SHA": "0" * 40,
        "CI_COMMIT_MESSAGE": message,
        "CI_COMMIT_TITLE": title,
        "CI_COMMIT_DESCRIPTION": rest.lstrip("\n"),
        "CI_COMMIT_AUTHOR": f"{ground.author} <{EMAIL}>",
    }


def _merge_request(ground: Ground, happening: Happening, default: str) -> dict[str, str]:
    return {
        "CI_MERGE_REQUEST_ID": "100",
        "CI_MERGE_REQUEST_IID": ground.world.pull_request,
        "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
        "CI_MERGE_REQUEST_PROJECT_PATH": ground.world.repository,
        "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": FORK if happening.fork else ground.world.repository,
        "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": happening.branch,
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": happening.target or default,
        "CI_MERGE_REQUEST_TITLE": ground.world.title,
    }


def _project(default: str) -> dict[str, str]:
    return {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_SERVER_HOST": HOST,
        "CI_SERVER_URL": f"https://{HOST}",
        "CI_PROJECT_ID": "42",
        "CI_PROJECT_NAME": "widget",
        "CI_PROJECT_PATH": "acme/widget",
        "CI_PROJECT_NAMESPACE": "acme",
        "CI_PROJECT_URL": f"https://{HOST}/acme/widget",
        "CI_DEFAULT_BRANCH": default,
        "CI_REGISTRY": f"registry.{HOST}",
    }


def _form(files: Mapping[str, str], happening: Happening) -> dict[str, Any]:
    """What a person fills into the form of a new pipeline: the inputs, and which run it is to be, where the form asks."""
    *header, _ = scalars.documents(files[ROOT_FILE])
    spec = header[0].get("spec", {}).get("inputs", {}) if header else {}
    given = dict(happening.inputs)
    asked = next((name for name in ("run", "manual-run") if name in spec and happening.name in (spec[name] or {}).get("options", ())), None)
    if asked is not None and asked not in given:
        given[asked] = happening.name
    return given
