"""Which triggers an event fires, and what the build of each is told.

"Create and manage build triggers" (cloud.google.com/build/docs/automating-builds/create-manage-triggers) and the message BuildTrigger
of `google/devtools/cloudbuild/v1/cloudbuild.proto`: `branch` and `tag` are RE2 expressions found anywhere in the name, `invertRegex`
turns them round, a pull request's branch is the one it goes to. A trigger without an event is run: by a person, by Cloud Scheduler
(cloud.google.com/build/docs/automating-builds/create-scheduled-triggers), or by a step with gcloud.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelinekit.semantics.globs import covers
from pipelinekit.semantics.scenario import Happening
from pipelinekit.testing import Ground
from pipelinekit.testing.ground import git

Trigger = Mapping[str, Any]

OUTSIDER = "https://github.com/stranger/widget"
SOURCES = ("github", "repositoryEventConfig")
_CLOCK = re.compile(r"^gcloud scheduler jobs create http .*--time-zone=UTC .*--http-method=POST ")


@dataclass(frozen=True)
class Start:
    """A build that is to be made: its trigger, its commit, and the substitutions that come with the event."""

    trigger: Trigger
    commit: str
    values: Mapping[str, str]


def fired(triggers: Sequence[Trigger], happening: Happening, ground: Ground, trunk: str) -> Iterator[Start]:
    """The builds that an event starts.

    An outsider's pull request waits for a comment of a collaborator where `commentControl` says so: here somebody always comments, for
    what may be built then is what a file must answer for.
    """
    for trigger in triggers:
        if trigger.get("disabled"):
            continue
        event = next((trigger[source] for source in SOURCES if source in trigger), None)
        if event is None:
            if is_run_by(trigger, happening, ground):
                given = {f"_{name.upper().replace('-', '_')}": text for name, text in happening.inputs}
                yield Start(trigger, ground.world.sha, {**_of_branch(_ref(trigger)), **given})
        elif _is_event(event, happening, trunk) and _touches(trigger, happening):
            yield Start(trigger, ground.world.sha, _of_event(happening, ground, trunk))


def is_run_by(trigger: Trigger, happening: Happening, ground: Ground) -> bool:
    """Whether a person, or the clock, runs this trigger. The clock is what people have set up: a job of Cloud Scheduler with the address
    of a trigger.
    """
    name = str(trigger["name"])
    if happening.kind == "schedule":
        commands = (command for step in ground.setup if step.title == f"Schedule {happening.name}" for command in step.commands)
        return any(_CLOCK.search(command) and f"/triggers/{name}:run" in command for command in commands)
    slug = "-".join(re.findall(r"[a-z0-9]+", f"manual {happening.name}".lower()))
    return happening.kind == "manual" and name.endswith(f"-{slug}")


def by_step(trigger: Trigger, commit: str | None, given: Mapping[str, str], ground: Ground) -> Start:
    """`gcloud builds triggers run`: with `--sha` the build knows its commit and no branch, without it takes the branch's last."""
    if commit is None:
        return Start(trigger, git(ground.repository, "rev-parse", _ref(trigger)).strip(), {**_of_branch(_ref(trigger)), **given})
    return Start(trigger, commit, dict(given))


def built_in(start: Start, project: str, location: str, build_id: str, full_name: str) -> dict[str, str]:
    """All that the service says itself, and what the event brought."""
    trigger = start.trigger
    return {
        "PROJECT_ID": project,
        "PROJECT_NUMBER": "123456789012",
        "LOCATION": location,
        "BUILD_ID": build_id,
        "TRIGGER_NAME": str(trigger["name"]),
        "TRIGGER_BUILD_CONFIG_PATH": file_of(trigger),
        "COMMIT_SHA": start.commit,
        "REVISION_ID": start.commit,
        "SHORT_SHA": start.commit[:7],
        "REPO_NAME": full_name.partition("/")[2],
        "REPO_FULL_NAME": full_name,
        **start.values,
    }


def file_of(trigger: Trigger) -> str:
    return str(trigger.get("filename") or trigger.get("gitFileSource", {}).get("path", ""))


def _ref(trigger: Trigger) -> str:
    return str(trigger.get("sourceToBuild", {}).get("ref", ""))


def _of_branch(ref: str) -> dict[str, str]:
    branch = ref.removeprefix("refs/heads/")
    return {"BRANCH_NAME": branch, "REF_NAME": branch}


def _is_event(event: Mapping[str, Any], happening: Happening, trunk: str) -> bool:
    if happening.kind == "pull_request":
        wanted, name = event.get("pullRequest", {}).get("branch"), happening.target or trunk
        inverted = event.get("pullRequest", {}).get("invertRegex", False)
    elif happening.kind in ("push", "tag"):
        push = event.get("push", {})
        wanted, name = (push.get("tag"), happening.tag) if happening.kind == "tag" else (push.get("branch"), happening.branch or trunk)
        inverted = push.get("invertRegex", False)
    else:
        return False
    return wanted is not None and (re.search(wanted, name) is None) == inverted


def _touches(trigger: Trigger, happening: Happening) -> bool:
    """`includedFiles` and `ignoredFiles`: a build starts if one changed file is included and not all are ignored."""
    included, ignored = trigger.get("includedFiles", []), trigger.get("ignoredFiles", [])
    if not included and not ignored:
        return True
    left = [path for path in happening.changed or ("CHANGES",) if not any(covers(glob, path) for glob in ignored)]
    return bool(left) if not included else any(covers(glob, path) for glob in included for path in left)


def _of_event(happening: Happening, ground: Ground, trunk: str) -> dict[str, str]:
    """The substitutions of a push, a tag, or a pull request: `BRANCH_NAME` is then its source."""
    if happening.kind == "tag":
        return {"TAG_NAME": happening.tag, "REF_NAME": happening.tag}
    branch = happening.branch or trunk
    known = {"BRANCH_NAME": branch, "REF_NAME": branch}
    if happening.kind == "pull_request":
        known |= {
            "_HEAD_BRANCH": branch,
            "_BASE_BRANCH": happening.target or trunk,
            "_HEAD_REPO_URL": OUTSIDER if happening.fork else f"https://github.com/{ground.world.repository}",
            "_PR_NUMBER": ground.world.pull_request,
        }
    return known
