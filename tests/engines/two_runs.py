"""Two runs at the same time: programs in the commands by which a test holds one up, and what the commands then tell."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from pipelinekit.semantics.matrix import unroll
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing import Conformance, corpus
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.suite import fitted, setup

TURN = """#!/bin/sh
# pk-turn in|out JOB: says so of this run, which is named by what its commit has in CHANGES; behind `in` it waits until the
# line in hold/RUN.JOB has been said, or patience is over.
read -r run <CHANGES
echo "$run $2 $1" >>@FOLDER@/said
if [ "$1" = in ] && [ -e @FOLDER@/hold/$run.$2 ]; then
    { read -r until && read -r left; } <@FOLDER@/hold/$run.$2
    while [ $left -gt 0 ] && ! grep -qxF "$until" @FOLDER@/said; do
        /bin/sleep @STEP@
        left=$((left - 1))
    done
fi
"""

OLDER, NEWER = "one", "two"
"""The runs, as the commits `trunk` and `newer` of a ground have them in CHANGES."""

STEP = 0.02
PATIENCE = 0.4
LONG = 20.0
"""Seconds to wait for what may never come, and for what always does."""

PUSH = Scenario("two runs", Happening("push", branch="main"))

Said = list[tuple[str, str, str]]
"""Run, job, and `in` or `out`, in the order of time."""


class Turns:
    """What holds commands up. `hold` says of a job (`one test`) which line (`two deploy-production out`) it awaits at its start.

    One with `?` behind it is a temptation, for which it waits as long as `patience` says: it may never come.
    """

    def __init__(self, ground: Ground, hold: Mapping[str, str], patience: float) -> None:
        self.folder = ground.root / "turns"
        self.program = ground.bin / "pk-turn"
        (self.folder / "hold").mkdir(parents=True)
        (self.folder / "said").touch()
        text = TURN.replace("@FOLDER@", shlex.quote(str(self.folder))).replace("@STEP@", str(STEP))
        self.program.write_text(text)
        self.program.chmod(0o755)
        for who, line in hold.items():
            (self.folder / "hold" / who.replace(" ", ".")).write_text(
                f"{line.removesuffix('?')}\n{round((patience if line.endswith('?') else LONG) / STEP)}\n"
            )

    def put(self, plan: Plan) -> Plan:
        """The plan with the program before the first and behind the last command of each job."""
        stages = []
        for stage in plan.stages:
            around = (f"{self.program} in {stage.name}", *stage.commands, f"{self.program} out {stage.name}")
            stages.append(stage if stage.is_gate or stage.container else replace(stage, commands=around))
        return replace(plan, stages=tuple(stages))

    def said(self) -> Said:
        lines = (line.split() for line in (self.folder / "said").read_text().splitlines())
        return [(run, job, word) for run, job, word in lines]


def plan(name: str, conformance: Conformance) -> Plan:
    """A pipeline of the corpus."""
    return fitted(corpus.plan(name), conformance)


def laid(root: Path, of: Plan, conformance: Conformance) -> Ground:
    """A ground before the push of the older commit, with a secret for each key of the plan."""
    ground = Ground(root)
    ground.begin(unroll(of), PUSH)
    ground.setup = setup(of, conformance.target)
    return ground


def of_block(said: Said, *jobs: str) -> Said:
    return [line for line in said if line[1] in jobs]


def interleaves(said: Said, *jobs: str) -> bool:
    """Whether a run has a command between the first and the last one of another run's block."""
    runs = [run for run, _, _ in of_block(said, *jobs)]
    return len(list(_changes(runs))) > len(set(runs))


def overlaps(said: Said, *jobs: str) -> bool:
    """Whether two of the jobs, of whichever run, are at work at once."""
    inside = 0
    for _, _, word in of_block(said, *jobs):
        inside += 1 if word == "in" else -1
        if inside > 1:
            return True
    return False


def began(said: Said, job: str) -> list[str]:
    """The runs whose job has begun, in order."""
    return [run for run, name, word in said if name == job and word == "in"]


def _changes(runs: list[str]) -> Iterator[str]:
    before = None
    for run in runs:
        if run != before:
            yield run
        before = run
