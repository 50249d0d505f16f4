"""Where the order of pipelines says more than the needs of their jobs, or less."""

from typing import Any

from pipelinekit.backend import Request
from pipelinekit.model.features import Use
from pipelinekit.semantics.selection import ancestors
from pipelinekit_drone.layout import Document, Layout, layout


def longer(use: Use, request: Request[Any]) -> bool:
    """Whether a stage waits for jobs that it doesn't need: a pipeline starts when all of those that it depends on have ended."""
    parts = layout(request)
    return any(
        {other.name for before in _before(parts, document) for other in before.stages} - ancestors(parts.plan, [stage.name])
        for document in parts.documents
        for stage in document.stages
        if use.stage is not None and stage.origin == use.stage.name and not document.statuses
    )


def _before(parts: Layout, document: Document) -> list[Document]:
    """The pipelines of the same build that end before this one starts."""
    found: list[Document] = []
    names = set(document.depends_on)
    for other in reversed(parts.documents):
        if other.name in names:
            found.append(other)
            names.update(other.depends_on)
    return found


def asked_at_once(use: Use, request: Request[Any]) -> bool:
    """Whether a gate comes right after another one: no job between the two leaves a mark that the second could demand."""
    plan, gate = request.plan, use.stage
    if gate is None or not gate.is_gate:
        return False
    before = ancestors(plan, [gate.name])
    jobs = [stage.name for stage in plan.stages if stage.name in before and not stage.is_gate]
    behind_jobs = {name for job in jobs for name in ancestors(plan, [job])}
    return any(stage.is_gate and stage.name in before and stage.name not in behind_jobs for stage in plan.stages)
