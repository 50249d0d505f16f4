"""From a plan to GitLab's files."""

from collections.abc import Iterator

from pipelinekit.backend import File, Request
from pipelinekit.diagnostics import Diagnostic
from pipelinekit_gitlab import documents, limits
from pipelinekit_gitlab.layout import lay_out
from pipelinekit_gitlab.settings import Settings


def render(request: Request[Settings]) -> Iterator[File | Diagnostic]:
    """`.gitlab-ci.yml`, and a file for each environment that more than one stage works on."""
    layout = lay_out(request)
    broken = list(limits.of_plan(layout, request))
    found = [] if broken else documents.all_of(layout)
    broken += [problem for document in found for problem in limits.of_document(document, request)]
    yield from broken
    if not broken:
        yield from (documents.written(document, request) for document in found)
