"""What a rendered pipeline asks of its workers beyond an ordinary container: data, from which explain, pages and tests are made."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pipelinekit.model.plan import Stage
from pipelinekit.model.value import value

if TYPE_CHECKING:
    from pipelinekit.backend.interface import AnyBackend, Request


@value
class Privilege:
    """One thing that some stages need: `when` says in words which ones, `holds` tells, `why` is what it is for and what it opens.

    `sign` is a pattern of the texts in the files that ask for it; empty where only the worker's side shows it.
    """

    name: str
    when: str
    holds: Callable[[Stage, "Request[Any]"], bool]
    why: str
    sign: str = ""


def asked(request: "Request[Any]", backend: "AnyBackend") -> Iterator[tuple[Privilege, tuple[Stage, ...]]]:
    """Each privilege that the request's files ask for, with the stages that do."""
    for privilege in backend.privileges:
        stages = tuple(stage for stage in request.plan.stages if privilege.holds(stage, request))
        if stages:
            yield privilege, stages
