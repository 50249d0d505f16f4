"""Files handed from stage to stage."""

from collections.abc import Iterator

from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.selection import Selection


def cells_write_different_paths(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """Of a stage with several cells one may ask for paths that hold the cell's values, or for one cell's."""
    stages = {stage.name: stage for stage in plan.stages}
    for stage in plan.stages:
        for need in stage.needs:
            axes = [axis for axis in stages[need.stage].matrix if len(axis.values) > 1]
            for path in () if need.cell else need.paths:
                missing = [axis.name for axis in axes if f"${{{axis.variable}}}" not in path]
                if missing:
                    message = f"{stage.name} asks for {path!r}, which each cell of {need.stage} writes"
                    hint = f"put {{{missing[0]}}} into the path, or ask for one cell: .cell({missing[0]}=…)[…]"
                    yield Diagnostic("PK025", "error", message, hint, stage.source, stage=stage.name, related=(stages[need.stage].source,))
