"""`pipelinekit setup`: what a definition takes for granted on a system's server."""

from pipelinekit.backend import registry
from pipelinekit.backend.emit import prepare
from pipelinekit.cli import say
from pipelinekit.cli.definition import checked, failed
from pipelinekit.diagnostics import DefinitionError, Diagnostic, nearest, printable


def setup(*, target: str, file: str) -> int:
    """Print the steps as a script with comments. Returns the exit code."""
    try:
        plan, found = checked(file)
    except DefinitionError as error:
        say.lines(error.diagnostics)
        return 1
    if target not in registry.entry_points():
        say.lines([Diagnostic("PK027", "error", f"there is no target {target!r}", nearest(target, registry.entry_points()), plan.source)])
        return 2
    backend = registry.load(target)
    request, wrong = prepare(plan, backend)
    say.lines([*found, *wrong])
    if failed([*found, *wrong]):
        return 1
    print(f"# What {backend.title} must know before {plan.name} can run there.")
    for step in backend.setup(request):
        print("\n" + printable(f"# {step.title}: {step.why}"))
        for command in step.commands:
            print(command)
    return 0
