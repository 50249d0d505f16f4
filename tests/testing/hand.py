"""An engine by hand: each test says itself which attempts of which jobs run, and what an engine would say of them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit.semantics.interpreter import prepare
from pipelinekit.semantics.matrix import unroll
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.semantics.trace import Command, JobEnd, JobStart, Trace
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.probe import instrument
from pipelinekit.testing.record import trace

SHELLS: dict[str, tuple[str, ...]] = {
    "dash": ("dash", "-ec"),
    "bash": ("bash", "-eo", "pipefail", "-c"),
    "busybox": ("busybox", "sh", "-ec"),
}
PASSING = Scenario("push")


def stage(name: str, *commands: str, **options: object) -> Stage:
    """A stage for a test, with as little as it takes."""
    return Stage(name, "test", image="debian:12-slim", commands=commands, **options)  # type: ignore[arg-type]  # what a row of a test gives


def plan(*stages: Stage, **options: object) -> Plan:
    return Plan("kit", stages, triggers=(Event("push"), Event("pull_request")), **options)  # type: ignore[arg-type]  # what a row of a test gives


class Hand:
    """A ground on which a plan's scenario has begun, and the instrumented jobs to be run there."""

    def __init__(self, root: Path, given: Plan, scenario: Scenario = PASSING, *, interpreter: str = "/bin/sh") -> None:
        self.ground = Ground(root)
        self.ground.probe.write_text(self.ground.probe.read_text().replace("#!/bin/sh", f"#!{interpreter}", 1))
        self.ground.begin(unroll(given), scenario)
        self.run = prepare(given, scenario, self.ground.world)
        self.jobs = {job.name: job for job in unroll(instrument(given, self.ground.probe)).stages}
        self.ended: subprocess.CompletedProcess[str] | None = None
        self.trees = 0

    def tree(self) -> Path:
        """A clean tree of the run's commit."""
        self.trees += 1
        return self.ground.checkout(self.ground.work / f"tree-{self.trees}")

    def script(self, name: str) -> str:
        """What an engine's shell gets of a job."""
        job = self.jobs[name]
        return "\n".join((*job.setup, *job.commands)) + "\n"

    def attempt(
        self,
        name: str,
        *,
        script: str | None = None,
        shell: Sequence[str] = SHELLS["dash"],
        tree: Path | None = None,
        seconds: float = 20,
        **env: str,
    ) -> int:
        """Run the job's script, or another, and return its exit code; 124 when the time is over."""
        given = {**dict(self.run.plan.variables), **dict(self.jobs[name].variables), **env}
        words = [*shell, self.script(name) if script is None else script]
        where = tree or self.tree()
        with subprocess.Popen(
            words,
            cwd=where,
            env=self.ground.environment(**given),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                out, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                _kill(process.pid)
                out, _ = process.communicate()
                process.returncode = 124
        self.ground.output(name, out)
        self.ended = subprocess.CompletedProcess(words, process.returncode, out, "")
        return process.returncode

    def job(self, name: str, outcome: str | None = None, **how: object) -> int:
        """One attempt of a job, with what an engine says before and after."""
        self.ground.job_start(name)
        code = self.attempt(name, **how)  # type: ignore[arg-type]  # what a row of a test gives
        self.ground.job_end(name, outcome or ("passed" if code == 0 else "timeout" if code == 124 else "failed"))  # type: ignore[arg-type]  # what a row of a test gives
        return code

    def trace(self) -> Trace:
        return trace(self.ground, self.run, "hand")

    def starts(self, name: str) -> list[JobStart]:
        return [line for line in self.trace() if isinstance(line, JobStart) and line.job == name]

    def ends(self, name: str) -> list[JobEnd]:
        return [line for line in self.trace() if isinstance(line, JobEnd) and line.job == name]

    def commands(self, name: str) -> list[tuple[int, int, int]]:
        """Attempt, index and exit of each command."""
        return [(line.attempt, line.index, line.exit) for line in self.trace() if isinstance(line, Command) and line.job == name]


def missing(shell: str) -> str | None:
    """Why a shell can't be tried here, or None."""
    program = SHELLS[shell][0]
    return None if shutil.which(program) else f"{program} is not installed"


def _kill(group: int) -> None:
    os.killpg(group, signal.SIGKILL)
