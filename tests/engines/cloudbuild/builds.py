"""A build as the service keeps it: its steps with their statuses, its substitutions and tags, and when it started."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

Status = Literal["PENDING", "QUEUED", "WORKING", "SUCCESS", "FAILURE", "TIMEOUT", "CANCELLED"]
OVER = ("SUCCESS", "FAILURE", "TIMEOUT", "CANCELLED")
_BEGINNING = datetime(2026, 11, 23, tzinfo=UTC)


def moment(seconds: float) -> str:
    """A time of the engine's clock as the API writes it."""
    return (_BEGINNING + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds(duration: str) -> float:
    return float(duration.removesuffix("s"))


@dataclass
class Step:
    """A step with its substitutions filled in. `waits` are the positions of the steps that it waits for."""

    index: int
    data: Mapping[str, Any]
    waits: tuple[int, ...]
    status: Status = "QUEUED"
    began: float = 0.0

    @property
    def id(self) -> str:
        """The id, or as the service says, the number."""
        return str(self.data.get("id") or self.index)

    @property
    def bound(self) -> float | None:
        return seconds(self.data["timeout"]) if "timeout" in self.data else None

    def allows(self, code: int) -> bool:
        """Whether the build goes on after this exit: `allowExitCodes` speaks before `allowFailure` (BuildStep in the proto)."""
        codes: Sequence[int] = self.data.get("allowExitCodes", [])
        return code in codes if codes else bool(self.data.get("allowFailure"))


@dataclass
class Build:
    """One build. Its clock is the engine's, in seconds."""

    data: Mapping[str, Any]
    commit: str
    substitutions: Mapping[str, str]
    status: Status = "QUEUED"
    id: str = field(default_factory=lambda: str(uuid4()))
    started: float = 0.0
    steps: list[Step] = field(default_factory=list)
    gate: str = ""
    """The step that asked for this build's approval."""
    detail: str = ""
    """Why it failed, where no step says it."""

    def __post_init__(self) -> None:
        self.steps = self.steps or list(_steps(self.data["steps"]))

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def bound(self) -> float:
        """60 minutes, where the file is silent (Build.timeout in the proto)."""
        return seconds(self.data.get("timeout", "3600s"))

    def resource(self) -> dict[str, Any]:
        """What the API shows of it, as far as anybody asks."""
        return {
            "id": self.id,
            "status": self.status,
            "tags": list(self.data.get("tags", [])),
            "startTime": moment(self.started) if self.status not in ("PENDING", "QUEUED") else "",
            "createTime": moment(self.started),
            "substitutions": dict(self.substitutions),
            "steps": [{**step.data, "id": step.id, "status": step.status} for step in self.steps],
        }


def _steps(found: Sequence[Mapping[str, Any]]) -> list[Step]:
    """`waitFor`: absent or empty means all steps before, `-` none (BuildStep.wait_for; `build.go` of the local builder)."""
    places = {str(step["id"]): index for index, step in enumerate(found) if step.get("id")}
    steps = []
    for index, step in enumerate(found):
        named = step.get("waitFor") or None
        waits = range(index) if named is None else [places[name] for name in named if name != "-"]
        steps.append(Step(index, step, tuple(waits)))
    return steps
