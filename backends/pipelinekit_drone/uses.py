"""When a feature's use is one that Drone makes something else of: the conditions of the table."""

from typing import Any

from pipelinekit.backend import Request
from pipelinekit.lowering import gates
from pipelinekit.model.features import Use, facts
from pipelinekit.model.plan import Stage
from pipelinekit.semantics.selection import ancestors, delivers
from pipelinekit_drone.context import context
from pipelinekit_drone.layout import Document, hides_secrets, layout
from pipelinekit_drone.runners import architectures


def no_store(_: Use, request: Request[Any]) -> bool:
    return not request.settings.store


def _documents(use: Use, request: Request[Any]) -> list[Document]:
    """The pipelines that have the stage of a use."""
    assert use.stage is not None
    name = use.stage.name
    return [document for document in layout(request).documents if any(stage.origin == name for stage in document.stages)]


def _cells(use: Use, document: Document) -> list[Stage]:
    return [stage for stage in document.stages if use.stage is not None and stage.origin == use.stage.name]


def crosses(use: Use, request: Request[Any]) -> bool:
    """Whether files go from one pipeline to another without a store."""
    if request.settings.store:
        return False
    return any(
        need.paths and need.stage not in document.runs
        for document in _documents(use, request)
        for stage in _cells(use, document)
        for need in stage.needs
    )


def torn_environment(use: Use, request: Request[Any]) -> bool:
    return any(environment.source == use.source and environment.name in layout(request).torn for environment in request.plan.environments)


def torn_gate(use: Use, request: Request[Any]) -> bool:
    return use.stage is not None and use.stage.name in layout(request).torn


def joined(_: Use, request: Request[Any]) -> bool:
    """Whether something stands behind this gate and another one, of which neither needs the other."""
    return bool(gates.joined(request.plan))


def many_ends(_: Use, request: Request[Any]) -> bool:
    """Whether the run has several last parts: gates that no gate comes after."""
    opened = {document.gate.name for document in layout(request).documents if document.gate}
    needed = {other.name for stage in request.plan.stages if stage.is_gate for other in _gates_before(request, stage)}
    return len(opened - needed) > 1


def _gates_before(request: Request[Any], stage: Stage) -> list[Stage]:
    before = ancestors(request.plan, [stage.name])
    return [other for other in request.plan.stages if other.is_gate and other.name in before]


def several_manual(_: Use, request: Request[Any]) -> bool:
    return sum(event.kind == "manual" for event in request.selection.events) > 1


def secrets_hidden(use: Use, request: Request[Any]) -> bool:
    """Whether the stage stays out of pull requests for its secrets; where the plan takes forks, that is said of them."""
    pulls = [event for event in request.selection.events if event.kind == "pull_request" and not event.forks]
    return use.stage is not None and hides_secrets(request) and any(event in request.selection.runs(use.stage) for event in pulls)


def in_pull_requests(use: Use, request: Request[Any]) -> bool:
    return use.stage is not None and any(event.kind == "pull_request" for event in request.selection.runs(use.stage))


def forks_come(use: Use, request: Request[Any]) -> bool:
    return not request.settings.ignore_forks and not (use.event and use.event.forks)


def in_one_tree(use: Use, request: Request[Any]) -> bool:
    """Whether a stage works in the tree of those before it."""
    parts = layout(request)
    documents = [document for document in _documents(use, request) if len(document.stages) > 1]
    return any(context(request, parts, document).shares for document in documents)


def is_container(use: Use, _: Request[Any]) -> bool:
    return use.stage is not None and use.stage.container is not None


def with_services(use: Use, _: Request[Any]) -> bool:
    """Whether attempts of the stage would share its services."""
    return bool(use.stage and use.stage.services)


def shared_alias(use: Use, request: Request[Any]) -> bool:
    return any(len(users) > 1 for _, users in _aliases(use, request))


def two_of_one_alias(use: Use, request: Request[Any]) -> bool:
    return any(
        len({service for stage in users for service in stage.services if service.alias == alias}) > 1
        for alias, users in _aliases(use, request)
    )


def _aliases(use: Use, request: Request[Any]) -> list[tuple[str, list[Stage]]]:
    """Each alias of the stage's services, with the jobs of its pipeline that name it."""
    assert use.stage is not None
    return [
        (mine.alias, [stage for stage in document.stages if any(service.alias == mine.alias for service in stage.services)])
        for document in _documents(use, request)
        for mine in use.stage.services
    ]


def lock_spreads(use: Use, request: Request[Any]) -> bool:
    lock = use.stage and use.stage.lock
    return sum(any(stage.lock == lock for stage in document.stages) for document in layout(request).documents) > 1


def two_architectures(use: Use, request: Request[Any]) -> bool:
    return any(len(architectures(document.stages)) > 1 for document in _documents(use, request))


def sizes(use: Use, _: Request[Any]) -> bool:
    runner = use.stage and use.stage.runner
    return bool(runner and (runner.cpus or runner.memory or runner.gpus))


def alone_on_runner(use: Use, request: Request[Any]) -> bool:
    """Whether all of the stage's pipelines ask for the same worker."""
    return all(len({stage.runner for stage in document.stages}) == 1 for document in _documents(use, request))


def event_behind_gate(use: Use, request: Request[Any]) -> bool:
    """Whether PK_EVENT is asked for where a promotion doesn't tell it."""
    if use.stage is None or "PK_EVENT" not in facts(use.stage):
        return False
    promotions = [document for document in _documents(use, request) if document.gate]
    return any(len({e.kind for e in document.events if e.kind != "tag"}) > 1 for document in promotions)


def guarded(use: Use, request: Request[Any]) -> bool:
    return use.event is not None and delivers(request.plan, use.event)


def kept_for_a_time(use: Use, _: Request[Any]) -> bool:
    return bool(use.stage and use.stage.keep_for)


def retried(use: Use, _: Request[Any]) -> bool:
    return bool(use.stage and use.stage.retries)
