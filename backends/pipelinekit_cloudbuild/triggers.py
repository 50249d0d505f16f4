"""Triggers: what starts each build, as `gcloud builds triggers import` reads it; branches and tags are anchored RE2."""

from collections.abc import Iterable
from itertools import count
from typing import Any

from pipelinekit.model.plan import Event, Stage
from pipelinekit.text.yaml import Flow
from pipelinekit_cloudbuild.escape import expression, line, literal
from pipelinekit_cloudbuild.settings import Settings

LONGEST_NAME = 64


def name(pipeline: str, part: str) -> str:
    """The trigger of an event or gate; names beyond Cloud Build's limit end in a digest."""
    full = f"{pipeline}-{part}"
    if len(full) <= LONGEST_NAME:
        return full
    from hashlib import sha256

    return f"{full[: LONGEST_NAME - 9]}-{sha256(full.encode()).hexdigest()[:8]}"


def parts(events: Iterable[Event]) -> dict[Event, str]:
    """What each event's trigger and file are called. Triggers are found by their names, so no two are called the same."""
    found: dict[Event, str] = {}
    for event in events:
        slug = "push-branches" if event.slug == "push" and event.branches else event.slug
        numbered = (f"{slug}-{number}" for number in count(2))
        found[event] = slug if slug not in found.values() else next(part for part in numbered if part not in found.values())
    return found


def of_event(event: Event, trigger: str, trunk: str, path: str, settings: Settings) -> dict[str, Any]:
    """The trigger that an event starts a build through."""
    own = {"name": trigger, "description": describe(event, trunk)}
    if event.kind in ("schedule", "manual"):
        inputs = {f"_{value.variable}": literal(value.default) for value in event.inputs}
        return {
            **own,
            **_started(path, trunk, settings),
            **({"substitutions": inputs} if inputs else {}),
            **_account(settings.service_account),
        }
    return {**own, **_repository(settings, _git_event(event, trunk)), "filename": path, **_account(settings.account_of(event.kind))}


def of_gate(gate: Stage, trigger: str, trunk: str, path: str, settings: Settings, address: str | None) -> dict[str, Any]:
    """The trigger behind a gate: run by the build before it, held until someone approves."""
    own = {"name": trigger, "description": gate.message}
    approval = {"approvalConfig": Flow({"approvalRequired": True})}
    return {**own, **_started(path, trunk, settings), **approval, **_account(address)}


def describe(event: Event, trunk: str) -> str:
    """When an event starts a run, in words."""
    match event.kind:
        case "push" if event.branches:
            return f"pushes to {', '.join(event.branches)} (not {trunk})"
        case "push":
            return f"pushes to {trunk}"
        case "pull_request":
            return f"pull requests into {trunk}{', forks too' if event.forks else ''}"
        case "tag":
            return f"tags {event.tag}"
        case "schedule":
            return f"the schedule {event.name} ({event.cron} UTC)"
        case "manual":
            helps = "; ".join(f"{value.name}: {line(value.help)}" for value in event.inputs if value.help)
            return f"{event.name}, started by hand{f' ({helps})' if helps else ''}"


def _git_event(event: Event, trunk: str) -> dict[str, Any]:
    branch = f"^{expression(trunk)}$"
    if event.kind == "pull_request":
        return {"pullRequest": {"branch": branch, "commentControl": "COMMENTS_ENABLED_FOR_EXTERNAL_CONTRIBUTORS_ONLY"}}
    if event.kind == "tag":
        return {"push": {"tag": f"^{expression(event.tag)}$"}}
    if "**" in event.branches:
        return {"push": {"branch": branch, "invertRegex": True}}
    if event.branches:
        found = [expression(glob) for glob in event.branches]
        return {"push": {"branch": f"^{found[0]}$" if len(found) == 1 else f"^({'|'.join(found)})$"}}
    return {"push": {"branch": branch}}


def _repository(settings: Settings, event: dict[str, Any]) -> dict[str, Any]:
    if settings.connection:
        return {"repositoryEventConfig": {"repository": _linked(settings), **event}}
    return {"github": {"owner": settings.owner, "name": settings.repository, **event}}


def _started(path: str, trunk: str, settings: Settings) -> dict[str, Any]:
    """A trigger without an event of its own. The file is read from the commit that is built, as no revision is said."""
    where: dict[str, Any] = (
        {"repository": _linked(settings)} if settings.connection else {"uri": f"https://github.com/{settings.owner}/{settings.repository}"}
    )
    kind = {} if settings.connection else {"repoType": "GITHUB"}
    return {"sourceToBuild": {**where, "ref": f"refs/heads/{trunk}", **kind}, "gitFileSource": {"path": path, **where, **kind}}


def _linked(settings: Settings) -> str:
    return f"{settings.connection}/repositories/{settings.repository}"


def account(address: str | None) -> str | None:
    """A service account as Cloud Build names it."""
    if address is None or address.startswith("projects/"):
        return address
    return f"projects/{address.partition('@')[2].partition('.')[0]}/serviceAccounts/{address}"


def _account(address: str | None) -> dict[str, Any]:
    return {"serviceAccount": account(address)} if address else {}
