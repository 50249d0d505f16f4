"""What a process sees."""

import re
from collections.abc import Iterator

from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.selection import Selection


def each_is_set_once(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """Only a stage variable may replace a pipeline variable; secrets, matrix values, caches and inputs replace nothing."""
    general = {name for name, _ in plan.variables}
    for stage in plan.stages:
        inputs = {given.variable for event in selection.runs(stage) for given in event.inputs}
        taken = [(secret.name, "a secret") for secret in stage.secrets]
        taken += [(axis.variable, "a matrix value") for axis in stage.matrix]
        taken += [(cache.variable, "set by a cache") for cache in stage.caches if cache.variable]
        for name, what in taken:
            if name in general or name in inputs:
                other = "a variable of the pipeline" if name in general else "an input"
                message = f"{name} is {what} of {stage.name} and {other}"
                yield Diagnostic("PK011", "error", message, "rename one of them", stage.source, stage=stage.name)
        for name in sorted(inputs & (general | {name for name, _ in stage.variables})):
            yield Diagnostic(
                "PK011", "error", f"{name} is an input and a variable of {stage.name}", "rename one of them", stage.source, stage=stage.name
            )


def matrix_values_stay_in_their_stage(plan: Plan, selection: Selection) -> Iterator[Diagnostic]:
    """`f"tox -e {python}"` in a stage without `matrix=python` would run with an empty value."""
    axes = {axis.variable: axis.name for stage in plan.stages for axis in stage.matrix}
    if not axes:
        return
    mention = re.compile(rf"\$\{{({'|'.join(axes)})\}}")
    general = {name for name, _ in plan.variables}
    for stage in plan.stages:
        inputs = {given.variable for event in selection.runs(stage) for given in event.inputs}
        seen = general | inputs | {name for name, _ in stage.variables} | {secret.name for secret in stage.secrets}
        seen |= {axis.variable for axis in stage.matrix}
        mentioned = [name for command in (*stage.setup, *stage.commands) for name in mention.findall(command)]
        for name in dict.fromkeys(name for name in mentioned if name not in seen):
            message = f"{stage.name} mentions the matrix value {axes[name]}, which it has no matrix of"
            yield Diagnostic("PK013", "error", message, f"matrix={axes[name]}", stage.source, stage=stage.name)
