"""Two definitions around a limit of an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipelinekit.model.plan import Plan


@dataclass(frozen=True)
class Breach:
    """`beyond` goes just over the limit; `within` stays just below it, or is None where there is nothing to stay below, with `why`."""

    beyond: Callable[[], Plan]
    within: Callable[[], Plan] | None
    why: str = ""
