"""The engine's own time: it stands still while anything works, and jumps to what comes next when all that runs is asleep.

So a lock that asks every 15 seconds costs nothing, a timeout needs no waiting, and a scenario goes the same way on a slow machine as on a
fast one.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TypeAlias

from tests.engines.cloudbuild.machine import PATIENCE, Machine, Running
from tests.engines.cloudbuild.programs import Answer, Call

HANG = 300.0
"""A `sleep` as long as this never ends by itself: it stands for a command that hangs."""

NEVER = 7200.0
"""What a hang is bounded by, if at all, is less than this."""

NAPS = 400
"""How often a step may sleep before it counts as waiting for ever."""

Due: TypeAlias = tuple[float, int, Callable[[], None]]
"""When something happens, which first of two at one time (a bound comes before those whom it bounds), and what."""


class Clock:
    """`now` is in seconds since the scenario began. `alarms` are the processes of the program `timeout`, with the time at which each rings."""

    def __init__(self) -> None:
        self.now = 0.0
        self.alarms: dict[int, tuple[float, Running]] = {}

    def later(self, running: Running, call: Call, seconds: float, ends: Callable[[], Answer] = Answer) -> None:
        """Answer a call after that time."""
        running.sleepers[call] = (self.now + seconds, ends)

    def sleep(self, running: Running, call: Call) -> None:
        """The program `sleep`."""
        length = sum(_seconds(word) for word in call.words[1:])
        running.naps += 1
        self.later(running, call, NEVER if length >= HANG else length)
        for pid, words in _above(call.pid, running.process.pid):
            if words[0].rpartition("/")[2] == "timeout" and pid not in self.alarms:
                bound = next((word for word in words[1:] if not word.startswith("-")), "0")
                self.alarms[pid] = (self.now + _seconds(bound), running)

    def passes(self, machines: Iterable[Machine], more: Iterable[Due]) -> bool:
        """Everybody sleeps: go to the next moment at which something happens. Whether there is one."""
        found = min((*self._due(machines), *more), key=lambda each: each[:2], default=None)
        if found is None or any(running.naps > NAPS for machine in machines for running in machine.running.values()):
            return False
        self.now = max(self.now, found[0])
        found[2]()
        return True

    def forget(self, handle: int) -> None:
        """A step is over: its alarms ring no more."""
        self.alarms = {pid: alarm for pid, alarm in self.alarms.items() if alarm[1].watch != handle}

    def _due(self, machines: Iterable[Machine]) -> Iterator[Due]:
        for machine in machines:
            if machine.build.is_over:
                continue
            yield machine.build.started + machine.build.bound, 1, partial(machine.finish, "TIMEOUT")
            if machine.failed:
                yield machine.failed[2] + PATIENCE, 0, machine.fail
            for running in machine.running.values():
                if running.step.bound is not None:
                    yield running.step.began + running.step.bound, 0, partial(machine.time_out, running)
                for call, (until, _) in running.sleepers.items():
                    yield until, 2, partial(self._wake, running, call)
        for pid, (until, running) in self.alarms.items():
            yield until, 0, partial(self._ring, pid, running)

    def _wake(self, running: Running, call: Call) -> None:
        _, ends = running.sleepers.pop(call)
        call.reply(ends())

    def _ring(self, pid: int, running: Running) -> None:
        """The program `timeout` is told that its time is over, by the signal that its own timer would send."""
        del self.alarms[pid]
        asleep = [each for each in running.sleepers if any(above == pid for above, _ in _above(each.pid, running.process.pid))]
        with suppress(OSError):  # first, so that `timeout` never takes the end of its command for the command's own
            os.kill(pid, signal.SIGALRM)
        for call in asleep:
            del running.sleepers[call]
            call.connection.close()


def _above(pid: int, top: int) -> Iterator[tuple[int, list[str]]]:
    """A process and those that it comes from, up to a step's first, with their words."""
    with suppress(OSError):  # it may be gone
        while pid > 1:
            yield pid, Path(f"/proc/{pid}/cmdline").read_text(errors="replace").split("\0")
            if pid == top:
                return
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _seconds(word: str) -> float:
    """A duration as `sleep` and `timeout` take it; 0 for what is none."""
    factor = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(word[-1:], 0)
    try:
        return float(word[:-1]) * factor if factor else float(word)
    except ValueError:
        return 0.0
