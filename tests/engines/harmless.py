"""Any plan as one whose commands run anywhere: they make their outputs, mention the facts that the plan's do, and pass."""

from __future__ import annotations

from pipelinekit.model.features import facts
from pipelinekit.model.plan import Checkout, Plan, Stage
from pipelinekit.model.value import replace
from pipelinekit.text.shell import quote


def harmless(plan: Plan) -> Plan:
    """The plan without raw text, and without LFS and submodules, which the ground's repository has none of."""
    return replace(plan, raw={}, stages=tuple(_stage(stage) for stage in plan.stages))


def _stage(stage: Stage) -> Stage:
    checkout = replace(stage.checkout, lfs=False, submodules=False) if stage.checkout != Checkout() else stage.checkout
    stage = replace(stage, raw={}, checkout=checkout)
    if stage.is_gate or stage.container:
        return stage
    mentioned = " ".join(f'"${{{name}}}"' for name in facts(stage))
    first = f": {mentioned}" if mentioned else "true"
    commands = (first, *("true" for _ in stage.commands[1:]), *(_make(path) for path in stage.outputs))
    return replace(stage, setup=tuple("true" for _ in stage.setup), commands=commands)


def _make(path: str) -> str:
    """A file of new content each time, in the folder where the output is one."""
    word = f'"{path}{"file" if path.endswith("/") else ""}"' if "$" in path else quote(f"{path}{'file' if path.endswith('/') else ''}")
    return f'mkdir -p "$(dirname {word})"\ndate +%s%N > {word}'
