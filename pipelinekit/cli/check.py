"""`pipelinekit check`: everything that can be said about a definition, for some targets or all."""

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext

from pipelinekit.backend import registry
from pipelinekit.backend.emit import emit
from pipelinekit.cli import say
from pipelinekit.cli.definition import checked, failed, unpinned, unused
from pipelinekit.cli.guard import reading
from pipelinekit.diagnostics import DefinitionError, Diagnostic, nearest


def check(*, targets: Sequence[str], file: str, untrusted: bool, strict: bool, json: bool, sarif: bool, verbose: bool) -> int:
    """Check the definition, and what each target makes of it. Returns the exit code."""
    diagnostics: list[Diagnostic] = []
    try:
        with reading(file) if untrusted else nullcontext():  # a plan can be made to take hours of whoever looks at it
            plan, found = checked(file, untrusted=untrusted)
            from pipelinekit.check.literals import no_secret_is_written_out

            diagnostics += (*found, *no_secret_is_written_out(plan))
            if not failed(found):
                for name in dict.fromkeys(targets):
                    diagnostics += emit(plan, name, strict=strict).diagnostics
        from pipelinekit.check.dockerfiles import bases_are_pinned

        if not failed(diagnostics):
            diagnostics += (*unpinned(plan), *bases_are_pinned(plan, os.path.dirname(file) or "."), *unused(plan, file))
    except DefinitionError as error:
        diagnostics += error.diagnostics
    unknown = [name for name in targets if name not in registry.entry_points()]
    if unknown:
        print(f"there is no target {unknown[0]!r}: {nearest(unknown[0], registry.entry_points())}", file=sys.stderr)
        return 2
    say.report(diagnostics, json=json, sarif=sarif, notes=verbose)
    if not json and not sarif and not failed(diagnostics):
        print(f"{file}: no errors")
    return 1 if failed(diagnostics) else 0
