"""Images and the lock, where there is one."""

from collections.abc import Iterator

from pipelinekit.backend import pins
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.selection import Selection


def images_are_locked(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """A lock holds every image that stages name by a tag."""
    yield from pins.unlocked(plan)
