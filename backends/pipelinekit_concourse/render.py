"""The file: groups, resource types, resources, jobs, in the order in which one reads a pipeline."""

from typing import Any

from pipelinekit.backend import File, Rendered, Request, merge
from pipelinekit.text.yaml import Commented, dump
from pipelinekit_concourse import jobs, limits, resources
from pipelinekit_concourse.settings import Settings

PATH = "ci/pipeline.yml"


def render(request: Request[Settings]) -> Rendered:
    broken = [*limits.of_plan(request)]
    if broken:
        yield from broken
        return
    own = document(request)
    yield from limits.of_document(request, own)
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
