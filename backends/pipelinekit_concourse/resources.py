"""What the pipeline watches and publishes to; each chain's own resource starts it."""

import re
from collections.abc import Iterator
from typing import Any

from pipelinekit.backend import Request
from pipelinekit.model.plan import Event
from pipelinekit.text.yaml import Flow
from pipelinekit_concourse import containers, gates, images, schedule, store
from pipelinekit_concourse.escape import variable
from pipelinekit_concourse.facts import repository
from pipelinekit_concourse.layout import Chain, chains
from pipelinekit_concourse.place import place
from pipelinekit_concourse.settings import Settings

Resource = dict[str, Any]


def own_name(request: Request[Settings], event: Event) -> str:
    """The resource whose versions are an event's runs: `repo`, `pull-request`, `tag`, or the schedule's or manual run's name."""
    if event.kind == "push":
        return "repo"
    if event.kind == "tag":
        several = sum(other.kind == "tag" for other in request.selection.events) > 1
        return event.slug if several else "tag"
    if event.kind == "pull_request":
        return "pull-request"
    return event.name if event.name not in ("repo", "tag", "pull-request", "image") else event.slug


def has_start(chain: Chain) -> bool:
    """Whether a run needs a job that fixes its commit for several first jobs, or makes a version that the later ones carry."""
    if chain.event.kind == "manual":
        return len(chain.units) > 1
    return chain.event.kind == "schedule" and len(chain.roots) > 1


def types(request: Request[Settings]) -> list[Resource]:
    """The one type that Concourse doesn't bring."""
    if not any(event.kind == "pull_request" for event in request.selection.events):
        return []
    return [{"name": "pull-request", **images.resource_type(request.settings.pull_request_image)}]


def resources(request: Request[Settings]) -> list[Resource]:
    return list(_resources(request))


def _resources(request: Request[Settings]) -> Iterator[Resource]:
    events = request.selection.events
    if any(event.kind in ("push", "schedule", "manual") for event in events):
        yield {"name": "repo", "type": "git", "icon": "git"} | _webhook(request) | {"source": _git(request)}
    for chain in chains(request):
        yield from _event(request, chain)
    publishing = [chain for chain in chains(request) if containers.publishes(request, place(request, chain))]
    published = {stage.name for chain in publishing for stage in chain.plan.stages if stage.container}
    for stage in request.plan.stages:
        if stage.container and stage.name in published:
            yield containers.resource(request, stage, stage.container)
    yield from gates.resources(chains(request))
    for name in store.names(request):
        yield store.resource(request, name)


def _event(request: Request[Settings], chain: Chain) -> Iterator[Resource]:
    event = chain.event
    name = own_name(request, event)
    if event.kind == "pull_request":
        source = _pull_requests(request, chain)
        yield {"name": name, "type": "pull-request", "icon": "source-pull"} | _webhook(request) | {"source": source}
    elif event.kind == "tag":
        # Several tags may be pushed between two checks; the first check of all still starts one run (`NextEveryVersion`).
        source = _git(request) | {"tag_regex": _tag_regex(event.tag), "version_depth": 100}
        yield {"name": name, "type": "git", "icon": "tag"} | _webhook(request) | {"source": source}
    elif event.kind == "schedule":
        source = schedule.source(event.cron) or {}
        days = {"days": Flow(source["days"])} if "days" in source else {}
        yield {"name": name, "type": "time", "icon": "clock-outline", "source": source | days}
    elif event.kind == "manual" and has_start(chain):
        yield {"name": name, "type": "time", "icon": "gesture-tap", "check_every": "never", "source": {"interval": "24h"}}


def _webhook(request: Request[Settings]) -> Resource:
    token = request.settings.webhook_token
    return {"webhook_token": variable(token)} if token else {}


def _git(request: Request[Settings]) -> dict[str, Any]:
    settings = request.settings
    source = {"uri": settings.uri, "branch": request.plan.trunk}
    return source | ({"private_key": variable(settings.private_key)} if settings.private_key else {})


def _pull_requests(request: Request[Settings], chain: Chain) -> dict[str, Any]:
    settings = request.settings
    source: dict[str, Any] = {"repository": repository(settings), "access_token": variable(settings.token)}
    source["base_branch"] = request.plan.trunk
    if not chain.event.forks:
        source["disable_forks"] = True
    if not any(stage.checkout.lfs for stage in chain.plan.stages):
        source["disable_git_lfs"] = True
    return source


def _tag_regex(glob: str) -> str:
    """`tag_regex` matches whole lines; `tag_filter` would let `*` cross slashes."""
    pieces = re.split(r"(\*\*|\*|[.])", glob)
    return "".join({"**": ".*", "*": "[^/]*", ".": "[.]"}.get(piece, piece) for piece in pieces)
