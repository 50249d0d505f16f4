"""The service: it keeps builds, starts those that triggers ask for, and answers the programs that their steps call."""

from __future__ import annotations

import os
import selectors
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Ground
from tests.engines.cloudbuild import substitutions, triggers
from tests.engines.cloudbuild.builds import Build
from tests.engines.cloudbuild.clock import Clock, Due
from tests.engines.cloudbuild.cloud import Cloud, Run
from tests.engines.cloudbuild.jobs import holds, locks
from tests.engines.cloudbuild.machine import Machine, Running
from tests.engines.cloudbuild.programs import Answer, Call
from tests.engines.cloudbuild.triggers import Start

PATIENT_SECONDS = 10.0
"""Real seconds without any sign of life, after which the engine gives up."""

PUSH = 0.1
"""Seconds that the push of an image takes."""


@dataclass
class Newer:
    """A newer delivery's build, in the environment since before this run: it ends some time after somebody first asks for builds."""

    build: Build
    ends: float | None = None


@dataclass(frozen=True)
class Place:
    """Where it all happens."""

    project: str
    region: str
    folder: Path
    root: Path


class Service:
    """One scenario's Cloud Build. `files` are read; `run` returns when nothing more will happen."""

    def __init__(
        self,
        files: Mapping[str, Mapping[str, Any]],
        found: Sequence[Mapping[str, Any]],
        place: Place,
        ground: Ground,
        scenario: Scenario,
        selector: selectors.BaseSelector,
    ) -> None:
        self.files = files
        self.triggers = found
        self.place = place
        self.ground = ground
        self.scenario = scenario
        self.selector = selector
        self.clock = Clock()
        self.builds: list[Build] = []
        self.machines: list[Machine] = []
        self.newer: list[Newer] = []
        self.cloud = Cloud(place.region, place.folder / "buckets", self.asked, self.runner)

    # Builds

    def start(self, start: Start, gate: str = "") -> Build | None:
        """Make a build of a trigger's file. Builds of triggers are always ALLOW_LOOSE and dynamic."""
        data = self.files.get(triggers.file_of(start.trigger))
        if data is None:
            self.ground.output("cloudbuild", f"{start.trigger['name']}: there is no {triggers.file_of(start.trigger)}\n")
            return None
        build = self.made(start, data)
        build.gate = gate
        self.builds.append(build)
        if start.trigger.get("approvalConfig", {}).get("approvalRequired"):
            build.status = "PENDING"
            self.decide(build)
        else:
            self.go(build)
        return build

    def made(self, start: Start, data: Mapping[str, Any]) -> Build:
        build = Build({"steps": []}, start.commit, {})
        own = {**data.get("substitutions", {}), **start.trigger.get("substitutions", {})}
        built_in = triggers.built_in(start, self.place.project, self.place.region, build.id, self.ground.world.repository)
        values = substitutions.resolved({**own, **built_in}, loose=True, dynamic=True)
        filled = {
            key: value if key == "substitutions" else substitutions.everywhere(_without_scripts(value), values, loose=True, dynamic=True)
            for key, value in data.items()
        }
        for step, written in zip(filled["steps"], data["steps"], strict=True):
            if "script" in written:
                step["script"] = written["script"]
        if "env" in data.get("options", {}):
            filled["options"]["env"] = data["options"]["env"]  # which `subst.go` passes by
        return Build(filled, start.commit, values, id=build.id, started=self.clock.now)

    def decide(self, build: Build) -> None:
        """A person approves or rejects a build that waits ("Gate builds on approval", cloud.google.com/build/docs/securing-builds/gate-builds-on-approval)."""
        if build.gate in self.scenario.rejected:
            self.ground.gate(build.gate, "rejected")
            build.status = "CANCELLED"
            return
        self.ground.gate(build.gate, "approved")
        build.status = "QUEUED"
        self.go(build)

    def go(self, build: Build) -> None:
        machine = Machine(
            build,
            self.ground,
            self.place.folder / "builds" / build.id,
            root=self.place.root,
            buckets=self.cloud.buckets,
            secrets=self.ground.secrets,
            now=lambda: self.clock.now,
            watch=self.watch,
            unwatch=self.unwatch,
        )
        self.machines.append(machine)

    def runner(self, call: Call) -> Run:
        """`gcloud builds triggers run` for the step that calls it."""

        def run(name: str, commit: str | None, given: dict[str, str]) -> str | None:
            trigger = next((each for each in self.triggers if each["name"] == name), None)
            if trigger is None:
                return f"NOT_FOUND: trigger {name}"
            caller = self.caller(call)
            made = self.start(triggers.by_step(trigger, commit, given, self.ground), caller[1].step.id if caller else "")
            return None if made else f"INVALID_ARGUMENT: {name} can't be run"

        return run

    def asked(self) -> list[Build]:
        """All builds, for somebody who asks. A newer delivery goes on from then."""
        for each in self.newer:
            each.ends = self.clock.now + 20 if each.ends is None else each.ends
        return self.builds

    def past(self) -> None:
        """What was delivered before: the commit before this run's, everywhere; and, where the scenario says so, a newer one, still at work
        with the environment just taken.
        """
        for number, (path, data) in enumerate(self.files.items()):
            trigger = next((each for each in self.triggers if triggers.file_of(each) == path), None)
            places = holds(Build(data, "", {}))
            if trigger is None or not places:
                continue
            old = self.made(Start(trigger, self.ground.commits["old"], {}), data)
            old.started, old.status = -10_000.0 - number, "SUCCESS"
            for step in old.steps:
                step.status = "SUCCESS"
            self.builds.append(old)
            for place in set(places) & set(self.scenario.overtaken):
                newer = self.made(Start(trigger, self.ground.commits["newer"], {}), data)
                newer.started, newer.status = -60.0 - number, "WORKING"
                for step in newer.steps:
                    step.status = "WORKING" if locks(step) == place else "QUEUED"
                self.builds.append(newer)
                self.newer.append(Newer(newer))

    # Time

    def run(self) -> None:
        while True:
            while any([machine.advance() for machine in [*self.machines]]):  # noqa: C419  # each advances
                pass
            if all(machine.build.is_over for machine in self.machines):
                return
            works = any(not running.sleepers for running in self.running())
            happened = self.selector.select(PATIENT_SECONDS if works else 0)
            for key, _ in happened:
                if key.fd in self.selector.get_map():
                    key.data()
            if happened:
                continue
            if works or not self.clock.passes(self.machines, self.ends()):
                for machine in self.machines:
                    if not machine.build.is_over:
                        machine.stuck()

    def running(self) -> Iterator[Running]:
        yield from (running for machine in self.machines for running in machine.running.values())

    def ends(self) -> Iterator[Due]:
        """When newer deliveries are over."""
        for each in self.newer:
            if each.ends is not None and not each.build.is_over:
                yield each.ends, 1, partial(_end, each.build)

    # Programs

    def answer(self, call: Call) -> None:
        """A step has called a program."""
        caller = self.caller(call)
        if caller is None:
            call.reply(Answer(1, err="nobody's process\n"))
            return
        machine, running = caller
        job = machine.jobs[running.step.index]
        match call.words[0]:
            case "sleep":
                self.clock.sleep(running, call)
            case "docker":
                self.docker(machine, running, call)
            case "nc":
                call.reply(self.connected(machine, call, job))
            case "gcloud":
                call.reply(self.cloud.gcloud(call))
            case _:
                call.reply(self.cloud.gsutil(call))

    def docker(self, machine: Machine, running: Running, call: Call) -> None:
        """A push takes its time, so that nobody gets an image just because it was quick."""

        def act() -> Answer:
            before = dict(machine.docker.running)
            has_secrets = bool(running.step.data.get("secretEnv"))
            answer = machine.docker.call(call, running.step.index, machine.jobs[running.step.index], has_secrets=has_secrets)
            self.bereave(machine, before)
            return answer

        if call.words[1:2] == ("push",):
            self.clock.later(running, call, PUSH, act)
        else:
            call.reply(act())

    def caller(self, call: Call) -> tuple[Machine, Running] | None:
        with suppress(OSError):
            session = call.session
            for machine in self.machines:
                for running in machine.running.values():
                    if running.process.pid == session:
                        return machine, running
        return None

    def connected(self, machine: Machine, call: Call, job: str) -> Answer:
        """`nc -z HOST PORT`: a container answers under its name. It is the service of the first job that asks for it."""
        host, port = call.words[-2:]
        found = machine.docker.running.get(host)
        if found is None:
            return Answer(1)
        if found.user in ("", job):
            found.user = job
            self.ground.job_start(job, [f"{host}:{port}"])
        return Answer()

    def bereave(self, machine: Machine, before: Mapping[str, Any]) -> None:
        """A job whose service is taken away while it runs fails."""
        for name, each in before.items():
            if machine.docker.running.get(name) is not each and each.user:
                for running in machine.running.values():
                    if machine.jobs[running.step.index] == each.user:
                        os.killpg(running.process.pid, signal.SIGKILL)

    # Processes

    def watch(self, pid: int, ended: Callable[[], None]) -> int:
        handle = os.pidfd_open(pid)
        self.selector.register(handle, selectors.EVENT_READ, ended)
        return handle

    def unwatch(self, handle: int) -> None:
        self.selector.unregister(handle)
        os.close(handle)
        self.clock.forget(handle)


def _end(build: Build) -> None:
    build.status = "SUCCESS"
    for step in build.steps:
        step.status = "SUCCESS" if step.status == "WORKING" else step.status


def _without_scripts(node: Any) -> Any:
    """Nothing is filled in in scripts ("script", build-config-file-schema)."""
    if isinstance(node, list):
        return [_without_scripts(each) for each in node]
    if isinstance(node, dict):
        return {key: _without_scripts(value) for key, value in node.items() if key != "script"}
    return node
