"""What Jenkins can't take, however it is said."""

from collections.abc import Iterator

from pipelinekit.backend import Request
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Plan
from pipelinekit_jenkins import functions, size
from pipelinekit_jenkins.groovy import Call
from pipelinekit_jenkins.settings import Settings

LAST = "\uffff"
"""Groovy's reader takes it for the end of the file, escaped or not."""


def of_texts(plan: Plan) -> Iterator[Diagnostic]:
    """Texts that reach no shell by way of Groovy, and commands of services that are no words."""
    for stage in plan.stages:
        values = (value for _, value in (*plan.variables, *stage.variables, *(pair for each in stage.services for pair in each.variables)))
        if any(LAST in text for text in (*stage.setup, *stage.commands, stage.message, *values)):
            message = f"{stage.name}: Groovy can't read U+FFFF, which one of its texts holds"
            yield Diagnostic("PK1408", "error", message, "write it by an escape of the shell", stage.source, stage=stage.name)
        if any(_broken(service.command) for service in stage.services if service.command):
            message = f"{stage.name}: a service's command has a quotation without end"
            yield Diagnostic("PK1408", "error", message, "docker takes it as a list of words", stage.source, stage=stage.name)


def _broken(command: str) -> bool:
    """Whether a command can't be split into words."""
    from shlex import split

    try:
        split(command)
    except ValueError:
        return True
    return False


def of_size(request: Request[Settings], pipeline: Call) -> Iterator[Diagnostic]:
    """The one method that a pipeline is compiled to."""
    whole = size.estimate(pipeline)
    left = size.estimate(functions.split(pipeline)[0]) if whole >= size.SPLIT else whole
    said = f"about {left:,} bytes in one method, of which Jenkins compiles 65,535"
    hint = "fewer stages, or matrices in place of copies"
    if left >= size.REFUSE:
        yield Diagnostic("PK1408", "error", said, hint, request.plan.source)
    elif whole >= size.WARN:
        outlined = ", the jobs' steps being functions of their own" if left < whole else ""
        yield Diagnostic("PK1408", "warning", f"{said}{outlined}", hint, request.plan.source)
