"""What a definition says of targets."""

from collections.abc import Iterator

from pipelinekit.backend import registry
from pipelinekit.diagnostics import Diagnostic, nearest
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.selection import Selection


def targets_are_installed(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """`targets=`, `accept=` and `raw=` name installed backends."""
    named = [("targets", target, plan.source) for target in plan.targets]
    named += [("accept", target, plan.source) for target in plan.accept]
    named += [("raw", target, plan.source) for target in plan.raw]
    named += [("raw", target, stage.source) for stage in plan.stages for target in stage.raw]
    if not named:
        return
    installed = registry.entry_points()
    for option, target, source in named:
        if target not in installed:
            yield Diagnostic("PK027", "error", f"{option}= names {target!r}, which is no target", nearest(target, installed), source)
