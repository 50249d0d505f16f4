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
    found = list(limits.problems(layout, request))
    yield from found
    if not found:
        yield documents.pipeline(layout, request)
        for environment in layout.blocks:
            yield documents.child(layout, environment, request)
