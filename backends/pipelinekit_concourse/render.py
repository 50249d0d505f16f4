"""The file: groups, resource types, resources, jobs, in the order in which one reads a pipeline."""

from collections.abc import Iterable
from typing import Any

from pipelinekit.backend import File, Rendered, Request, merge
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.text.yaml import Commented, dump
from pipelinekit_concourse import jobs, resources
from pipelinekit_concourse.layout import chains
from pipelinekit_concourse.place import artifact, place
from pipelinekit_concourse.settings import Settings
from pipelinekit_concourse.text import VARIABLE, strings
from pipelinekit_concourse.variables import known

PATH = "ci/pipeline.yml"


def render(request: Request[Settings]) -> Rendered:
    own = document(request)
    yield from _looked_up(request, own)
    yield from _twice(request, own)
    yield from _alike(request)
    top = Commented(merge(own, request.plan.raw.get("concourse")), f"fly set-pipeline -p {request.plan.name} -c {PATH}")
    yield File(PATH, dump(top, header=request.header, indent_sequences=False, blank_between=2))


def document(request: Request[Settings]) -> dict[str, Any]:
    """The pipeline as data, without the definition's raw parts."""
    parts: dict[str, Any] = {
        "groups": jobs.groups(request),
        "resource_types": resources.types(request),
        "resources": resources.resources(request),
        "jobs": jobs.jobs(request),
    }
    return {key: value for key, value in parts.items() if value}


def _looked_up(request: Request[Settings], own: dict[str, Any]) -> Rendered:
    """Text of the plan, outside of scripts and variables, that Concourse would take for a variable."""
    meant = known(request)
    found = {match[0] for text in strings(own) for match in VARIABLE.finditer(text)}
    for text in sorted(found):
        if not text.startswith("((.:") and text not in meant:
            message = f"Concourse would look up {text} as a variable, and has no way to write it as text here"
            yield Diagnostic("PK1408", "error", message, "leave such brackets to commands and variables", request.plan.source)


def _alike(request: Request[Settings]) -> Rendered:
    """Cells that hand files on under one name, since Concourse's names have no capitals."""
    for name in sorted({name for chain in chains(request) for name in _shared(place(request, chain).asked)}):
        message = f"the files of two cells would be called {name!r}: Concourse's names have no capitals"
        yield Diagnostic("PK1408", "error", message, "values that differ in more than capitals", request.plan.source)


def _shared(tasks: Iterable[str]) -> list[str]:
    names = [artifact(task) for task in tasks]
    return [name for name in names if names.count(name) > 1]


def _twice(request: Request[Settings], own: dict[str, Any]) -> Rendered:
    """Two resources of one name, which only names of schedules, manual runs and stages together can make."""
    names = [resource["name"] for resource in own.get("resources", ())]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Diagnostic(
            "PK1408", "error", f"two resources would be called {name!r}", "name the schedule or the stage apart", request.plan.source
        )
