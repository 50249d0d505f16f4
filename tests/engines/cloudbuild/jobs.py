"""Which of the plan's jobs a step is: the one place where the engine knows how the translation names things.

A job's step has the job's name as its id (`test-3.12` for a cell). A step that only pushes an image belongs to the
job that built it, which it waits for. All
other steps (locks, services, copies, checks) have ids that no job has; they are said on the ground under these, and the record, which
looks for the plan's names, passes them by. The same goes for the step that asks at a gate: its id is the gate's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import pairwise

from tests.engines.cloudbuild.builds import Build, Step

_LOCK = re.compile(r"lock-(.+?)(?:-step)*")


def jobs(build: Build) -> list[str]:
    """The job of each step."""
    found: list[str] = []
    for step in build.steps:
        args: Sequence[str] = step.data.get("args", [])
        built = [index for index in step.waits if args[:1] == ["push"] and args[1] in _tags(build.steps[index].data.get("args", []))]
        found.append(found[built[-1]] if built else step.id)
    return found


def demanding(build: Build, names: Collection[str]) -> list[Step]:
    """The steps that a build's missing secrets count as the failure of: those whose script demands one by its name, and that wait for no
    other such step. That an optional one is missing is nobody's failure, and ends the build all the same.
    """
    found: list[Step] = []
    behind: set[int] = set()
    for step in build.steps:
        demands = any(f"${{{name}:?" in str(step.data.get("script", "")) for name in names)
        if behind.intersection(step.waits):
            behind.add(step.index)
        elif demands:
            behind.add(step.index)
            found.append(step)
    return found


def _tags(args: Sequence[str]) -> list[str]:
    return [tag for flag, tag in pairwise(args) if flag in ("-t", "--tag")]


def holds(build: Build) -> list[str]:
    """The environments that a build reaches, by its tags."""
    return [tag.removeprefix("env-") for tag in build.data.get("tags", []) if tag.startswith("env-")]


def locks(step: Step) -> str | None:
    """The environment that a step takes."""
    match = _LOCK.fullmatch(step.id)
    return match[1] if match else None
