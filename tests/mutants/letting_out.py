"""Bugs that any backend could have: a secret let out, an outsider's text run. They are seeded between a plan and its backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipelinekit.model.features import facts
from pipelinekit.model.names import OUTSIDERS
from pipelinekit.model.plan import Stage
from pipelinekit.model.value import replace
from tests.mutants import Mutant
from tests.mutants.patches import package_of, replaced

Line = Callable[[Stage], list[str]]


def _argument(stage: Stage) -> list[str]:
    return [f'env true "${{{secret.name}-}}"' for secret in stage.secrets if not secret.file]


def _base64(stage: Stage) -> list[str]:
    return [f'printf "user:%s" "${{{secret.name}-}}" | base64 -w 0' for secret in stage.secrets if not secret.file]


def _left(stage: Stage) -> list[str]:
    return [f'printf %s "${{{secret.name}-}}" >"$HOME/.{secret.name}"' for secret in stage.secrets if not secret.file]


def _pasted(stage: Stage) -> list[str]:
    return [f'eval ": \\"${{{name}}}\\""' for name in facts(stage) if name in OUTSIDERS]


def _before(line: Line) -> Callable[[Any], Any]:
    """A backend's `render`, given each stage with more at the head of its last command."""

    def make(render: Any) -> Any:
        def wrong(request: Any) -> Any:
            stages = []
            for stage in request.plan.stages:
                more = line(stage) if stage.commands else []
                last = "\n".join((*more, *stage.commands[-1:]))
                stages.append(replace(stage, commands=(*stage.commands[:-1], last)) if more else stage)
            return render(replace(request, plan=replace(request.plan, stages=tuple(stages))))

        return wrong

    return make


BUGS: dict[str, tuple[Line, tuple[str, ...], str]] = {
    "a secret as an argument": (_argument, ("secrets",), "whoever lists the worker's processes would read it"),
    "a secret printed in base64": (_base64, ("secrets",), "no system masks that in its logs"),
    "a secret left in the home": (_left, ("secrets",), "the next job on the worker would find it"),
    "outsiders' text in a script": (_pasted, ("attack-title", "attack-branch"), "whoever opens a pull request would run commands"),
}


def of(target: str) -> tuple[Mutant, ...]:
    """These bugs in one backend."""
    where = f"{package_of(target)}.render:render"
    return tuple(Mutant(name, replaced(where, _before(line)), first, why) for name, (line, first, why) in BUGS.items())
