"""What a multibranch project makes of an event: which job is built, and what its build knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing.ground import Ground
from tests.engines.jenkins.server import Server

URL = "https://git.example.com/acme/widget.git"
PUSHED = "jenkins.branch.BranchEventCause"
PERSON = "hudson.model.Cause$UserIdCause"

Given = dict[str, Any]


def refs(repository: Path) -> dict[str, str]:
    """The refs of a bare repository, by name."""
    found = {str(path.relative_to(repository)): path.read_text().strip() for path in (repository / "refs").rglob("*") if path.is_file()}
    packed = repository / "packed-refs"
    for line in packed.read_text().splitlines() if packed.exists() else ():
        sha, _, name = line.partition(" ")
        if len(sha) == 40 and not line.startswith("^"):
            found.setdefault(name, sha)
    return found


def trunk(repository: Path) -> str:
    """The default branch."""
    return (repository / "HEAD").read_text().strip().removeprefix("ref: refs/heads/")


def build(ground: Ground, happening: Happening, default: str) -> Given:
    """The job that an event's build belongs to, with the variables that its branch source and its cause give.

    (branch-api: BranchNameContributor; github-branch-source; core: the causes. In a pull request the head of its branch is built.)
    """
    match happening.kind:
        case "pull_request":
            number = ground.world.pull_request
            name = f"PR-{number}"
            variables = _change(ground, happening, default)
            ref = f"+refs/pull/{number}/head:refs/remotes/origin/{name}"
        case "tag":
            name = happening.tag
            variables = {"TAG_NAME": name, "TAG_TIMESTAMP": "1760000000000", "TAG_UNIXTIME": "1760000000", "TAG_DATE": "Thu Oct 09 2025"}
            ref = f"+refs/tags/{name}:refs/tags/{name}"
        case _:
            name = happening.branch or default
            variables = {"BRANCH_IS_PRIMARY": "true"} if name == default else {}
            ref = f"+refs/heads/{name}:refs/remotes/origin/{name}"
    return {
        "job": f"widget/{name.replace('/', '%2F')}",
        "branch": name,
        "refspec": ref,
        "variables": {"BRANCH_NAME": name, **variables},
        "cause": PERSON if happening.kind == "manual" else PUSHED,
        "parameters": {},
    }


def _change(ground: Ground, happening: Happening, default: str) -> dict[str, str]:
    found = {
        "CHANGE_ID": ground.world.pull_request,
        "CHANGE_TARGET": happening.target or default,
        "CHANGE_BRANCH": happening.branch,
        "CHANGE_TITLE": ground.world.title,
        "CHANGE_AUTHOR": "ada",
        "CHANGE_AUTHOR_DISPLAY_NAME": ground.author,
        "CHANGE_URL": f"https://git.example.com/acme/widget/pull/{ground.world.pull_request}",
    }
    return {**found, "CHANGE_FORK": "ada"} if happening.fork else found


def by_hand(happening: Happening) -> dict[str, str]:
    """The parameters with which a person starts a build: one that names what to run, and the inputs; the job drops those it lacks."""
    given = {name.upper().replace("-", "_"): text for name, text in happening.inputs}
    return {"RUN": happening.name, **given}


def timer(timers: list[Mapping[str, Any]], happening: Happening) -> Mapping[str, Any] | None:
    """The line of a timer that a schedule is: the one that names it, or the only kind that there is."""
    for each in timers:
        if each["parameters"].get("SCHEDULE", happening.name) == happening.name:
            return each
    return None


def credentials(ground: Ground, server: Server) -> dict[str, dict[str, Any]]:
    """The store: what a step of the set-up has put there, of the kind that it said."""
    return {key: {"value": text, "file": server.files[key]} for key, text in ground.secrets.items() if key in server.files}


def request(ground: Ground, scenario: Scenario, server: Server, jenkinsfile: str) -> Given:
    """Everything that a build is told."""
    repository = ground.repository
    return {
        "jenkinsfile": jenkinsfile,
        "work": str(ground.work),
        "log": str(ground.log),
        "repository": str(repository),
        "refs": refs(repository),
        "sha": ground.world.sha,
        "url": URL,
        "environment": ground.environment(),
        "secrets": credentials(ground, server),
        "plugins": server.plugins,
        "labels": server.labels,
        "rejected": list(scenario.rejected),
        "reach": list(scenario.overtaken),
        "hangs": any(failure.kind == "hang" for failure in scenario.failures),
        **build(ground, scenario.happening, trunk(repository)),
    }
