"""`pipelinekit render`: write what an expert would have written."""

import os
import sys
from collections.abc import Sequence

from pipelinekit import files
from pipelinekit.backend import registry
from pipelinekit.backend.emit import Emission, emit
from pipelinekit.cli import say
from pipelinekit.cli.definition import checked, failed, unpinned, without_gc
from pipelinekit.diagnostics import DefinitionError, Diagnostic, nearest
from pipelinekit.model.plan import Source


def render(
    *,
    targets: Sequence[str],
    every: bool,
    file: str,
    output: str | None,
    stdout: bool,
    check: bool,
    strict: bool,
    force: bool,
    json: bool,
    sarif: bool,
    verbose: bool,
) -> int:
    """Render for each target, in order; say what is found, write what is clean. Returns the exit code."""
    if stdout and (json or sarif):
        print("--stdout and --json or --sarif both want standard output: name one", file=sys.stderr)
        return 2
    names = list(registry.entry_points()) if every else list(dict.fromkeys(targets))
    if not names:
        print(f"name a target: --target {'|'.join(registry.entry_points())}, or --all", file=sys.stderr)
        return 2
    unknown = [name for name in names if name not in registry.entry_points()]
    if unknown:
        print(f"there is no target {unknown[0]!r}: {nearest(unknown[0], registry.entry_points())}", file=sys.stderr)
        return 2
    root = output or os.path.dirname(file) or "."
    diagnostics: list[Diagnostic] = []
    try:
        with without_gc():
            plan, found = checked(file)
            diagnostics += found
            emissions = [] if failed(found) else [emit(plan, name, strict=strict) for name in names]
        for emission in emissions:
            diagnostics += emission.diagnostics
            diagnostics += _deliver(emission, root, stdout=stdout, check=check, force=force, quiet=json or sarif, several=len(names) > 1)
        if not failed(diagnostics):
            diagnostics += unpinned(plan)
    except DefinitionError as error:
        diagnostics += error.diagnostics
    if check and not (verbose or json or sarif):
        diagnostics = [diagnostic for diagnostic in diagnostics if diagnostic.level == "error"]
    say.report(diagnostics, json=json, sarif=sarif, notes=verbose)
    return 1 if failed(diagnostics) else 0


def _deliver(emission: Emission, root: str, *, stdout: bool, check: bool, force: bool, quiet: bool, several: bool) -> Sequence[Diagnostic]:
    """Print, compare or write the files of one target; return what there is to say about it."""
    if not emission.ok:
        return ()
    if stdout:
        for path, text in emission.files.items():
            if several or len(emission.files) > 1:
                print(f"==> {path} <==")
            sys.stdout.write(text)
        return ()
    if check:
        stale = files.diff(root, emission.files)
        if not quiet:
            sys.stdout.writelines(stale.values())
        hint = f"pipelinekit render --target {emission.target}"
        return [
            Diagnostic("PK1401", "error", f"{path} is not what the definition renders to", hint, Source(path), emission.target)
            for path in stale
        ]
    changed = files.write(root, emission.files, force=force)
    if not quiet:
        for path in emission.files:
            print(f"{emission.target}: {os.path.join(root, path) if root != '.' else path}{'' if path in changed else ' (unchanged)'}")
    return ()
