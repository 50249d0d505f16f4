"""The server: it finds versions, starts builds, waits for people, and remembers (`atc/scheduler`, `atc/db`).

Before the event it has seen the repository as it was, and every job has once been green with that: a version that all
know starts nothing. After it, jobs with a new version of an input that triggers get a build, as their locks allow.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelinekit.semantics.scenario import Scenario
from pipelinekit.semantics.trace import RunOutcome
from pipelinekit.testing import Ground

from . import names, resources
from .algorithm import Choice, resolve
from .builds import Running
from .containers import NeverEnds
from .meeting import Meeting
from .pipeline import Job, Resource, StepError, read
from .resources import Metadata, ScriptFailed
from .variables import Scope, interpolate
from .versions import Build, Database, Version, version
from .world import World


class Server:
    def __init__(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        self.pipeline = read(files)
        self.ground = ground
        self.scenario = scenario
        self.world = World(ground, scenario)
        self.trunk = self.world.trunk
        self.database = Database()
        self.lock = threading.RLock()
        self.meeting = Meeting()
        self.has_sleepers = any(failure.kind == "hang" for failure in scenario.failures)
        self.chain: tuple[str, ...] = ()
        self.reached: set[str] = set()
        self.own: list[Build] = []
        self._decided: set[str] = set()
        self._newer: set[tuple[str, Version]] = set()
        self._woken: dict[str, int] = {}
        self._kept: dict[str, tuple[Path, Metadata]] = {}
        self._caches: dict[tuple[str, str, str], Path] = {}
        self._threads: list[threading.Thread] = []
        self._changed = threading.Event()
        self._raised: list[BaseException] = []
        self._never_ends = False

    def run(self) -> None:
        """Let the event happen, and say on the ground how the run ends, if it does."""
        self.world.before(self.trunk)
        self._remember()
        self._happen()
        while True:
            self._changed.clear()
            with self.lock:
                while self._schedule():
                    pass
            if not any(thread.is_alive() for thread in self._threads):
                with self.lock:
                    if not self._schedule():
                        break
            else:
                self._changed.wait()
        if self._raised:
            raise self._raised[0]
        if not self._never_ends:
            self.ground.run_end(self._outcome())

    def _outcome(self) -> RunOutcome:
        if any(build.status in ("failed", "errored", "aborted") for build in self.own):
            return "failed"
        if self.scenario.rejected or self.reached:
            return "stopped"
        return "passed" if self.own else "nothing"

    # What it has seen before, and what it sees now.

    def _remember(self) -> None:
        """One green build of each job whose resources all have had a version."""
        known: dict[str, Version] = {}
        for resource in self.pipeline.resources.values():
            found = self._check(resource) or self._made(resource, "old")
            if found:
                self.database.save(resource.name, found[-1])
                known[resource.name] = found[-1]
        for job in self._in_order():
            self._green(job, known)

    def _in_order(self) -> list[str]:
        return list(dict.fromkeys(name for job in self.pipeline.jobs for name in self.pipeline.upstream(job)))

    def _green(self, name: str, known: Mapping[str, Version]) -> None:
        """A build that has gone well with these versions, where there is one for each of the job's resources."""
        job = self.pipeline.jobs[name]
        if any(resource not in known for resource in (*(get.resource for get in job.gets), *job.puts)):
            return
        build = self.database.build(name)
        build.status = "succeeded"
        build.inputs = {get.name: (get.resource, known[get.resource]) for get in job.gets}
        build.outputs = [(resource, known[resource]) for resource in job.puts]
        for get in job.gets:
            for passed in get.passed:
                before = self.database.succeeded(passed)
                build.pipes |= {passed: before[0].id} if before else {}

    def _check(self, resource: Resource) -> list[Version]:
        """What a check finds now; a check that fails finds nothing, and the server goes on."""
        return [] if resource.check_every == "never" else self._look(resource)

    def _look(self, resource: Resource) -> list[Version]:
        last = self.database.latest(resource.name)
        try:
            source = interpolate(dict(resource.source), Scope(self.world.secrets()))
            return resources.kind(resource.type, self.pipeline.types).check(self.world, source, last)
        except (ScriptFailed, StepError) as error:
            self.ground.output("checks", f"{resource.name}: {error}\n")
            return []

    def _made(self, resource: Resource, when: str) -> list[Version]:
        """A version that an earlier, or a newer, run has made with a put, or that a moment was."""
        if resource.type == "time":
            return [self.world.now()]
        if resource.type == "registry-image":
            return [version(tag=when, digest=f"sha256:{when}")]
        if resource.type != "s3" or "regexp" not in resource.source:
            return []
        path = resources.Store().of_another_run(self.world, resource.source, "1" if when == "old" else "2")
        return [version(path=path.relative_to(self.world.store / str(resource.source["bucket"])).as_posix())]

    def _happen(self) -> None:
        """The event: what it brings is found by the checks; a moment comes; a person starts a job."""
        happening = self.scenario.happening
        self.world.happen(self.trunk)
        fresh = []
        for resource in self.pipeline.resources.values():
            found = self._check(resource)
            if happening.kind == "schedule" and resource.type == "time" and resource.name in names.own(happening):
                found = [self.world.now()]
            if any(each not in self.database.versions.get(resource.name, ()) for each in found):
                fresh.append(resource.name)
                self.database.save(resource.name, *found)
        self.chain = names.chain(self.pipeline, happening, fresh)
        if happening.kind == "manual":
            job = names.first_by_hand(self.pipeline, happening)
            if job is not None and not self._is_passed_by(job):
                self._decided.add(job.name)
                self.own.append(self.database.build(job.name, manual=True))

    # What runs.

    def _schedule(self) -> bool:
        """One round of the scheduler: builds for new versions, people's decisions, and the start of what may start."""
        before = len(self.database.builds)
        for job in self.pipeline.jobs.values():
            choices = resolve(self.pipeline, job, self.database)
            if choices is None or not any(choice.first for choice in choices.values()) or self._is_of_newer(job, choices):
                continue
            if job.is_triggered:
                self._ensure_build(job, choices)
            elif job.name in self.chain and job.name not in self._decided:
                self._ask(job)
        return self._start_pending() or len(self.database.builds) > before

    def _is_of_newer(self, job: Job, choices: Mapping[str, Choice]) -> bool:
        """Whether a build would have nothing but versions of the newer run: that goes its own way, where nobody looks."""
        return all((get.resource, choices[get.name].version) in self._newer for get in job.gets)

    def _ensure_build(self, job: Job, choices: Mapping[str, Choice]) -> None:
        """A build waits, once an input that triggers has a version that the job never had (`ensurePendingBuildExists`)."""
        if not any(get.trigger and choices[get.name].first for get in job.gets):
            return
        if any(build.status == "pending" and not build.manual for build in self.database.of(job.name)):
            return
        if self._is_passed_by(job):
            return
        self.own.append(self.database.build(job.name))

    def _ask(self, job: Job) -> None:
        """A job that nothing triggers has something new: a person starts it, or doesn't."""
        self._decided.add(job.name)
        gate = names.gate(self.pipeline, job.name)
        if gate in self.scenario.rejected:
            self.ground.gate(gate, "rejected")
            return
        self.ground.gate(gate, "approved")
        self.own.append(self.database.build(job.name, manual=True))

    def _start_pending(self) -> bool:
        """Start the builds that wait, the oldest first, as many as their groups allow (`ScheduleBuild` in `atc/db/job.go`)."""
        started: list[threading.Thread] = []
        for build in self.database.builds:
            job = self.pipeline.jobs[build.job]
            if build.status != "pending" or self._is_full(job):
                continue
            self._check_again(job)
            choices = resolve(self.pipeline, job, self.database)
            if choices is None or self._is_of_newer(job, choices):
                continue
            build.inputs = {get.name: (get.resource, choices[get.name].version) for get in job.gets}
            build.pipes = {name: number for choice in choices.values() for name, number in choice.sources}
            build.status = "started"
            started.append(threading.Thread(target=self._run, args=(Running(self, job, build),)))
        self._threads += started
        self.meeting.coming(*started)
        for thread in started:
            thread.start()
        return bool(started)

    def _check_again(self, job: Job) -> None:
        """Inputs that neither trigger nor have passed a job are checked once more before a build takes them (`createChecks`)."""
        for get in job.gets:
            resource = self.pipeline.resources[get.resource]
            if not get.passed and not get.trigger and resource.check_every == "never" and resource.type == "s3":
                self.database.save(resource.name, *self._look(resource))

    def _is_full(self, job: Job) -> bool:
        running = [build for build in self.database.builds if build.status == "started"]
        return bool(job.limit) and sum(bool(self.pipeline.jobs[build.job].groups & job.groups) for build in running) >= job.limit

    def _run(self, running: Running) -> None:
        try:
            with self.meeting.expected():
                running.run()
        except NeverEnds:
            self._never_ends = True
        except BaseException as error:  # noqa: BLE001  # told to the thread that waits
            running.build.status = "errored"
            self._raised.append(error)
        finally:
            threading.Thread(target=self._ended, args=(threading.current_thread(),)).start()

    def _ended(self, thread: threading.Thread) -> None:
        thread.join()
        self.wake()

    def wake(self) -> None:
        """There is something new to look at."""
        self._changed.set()

    # What a newer run does meanwhile.

    def _is_passed_by(self, job: Job) -> bool:
        """Whether a newer delivery has just reached an environment that this job delivers to, where the scenario has one: it has
        been green up to there before this job's build was made. In the chain of another event, if the environment has one.
        """
        mine = [name for name in self.scenario.overtaken if job.name in names.delivering(self.pipeline, name)]
        if not mine or self.reached.intersection(mine):
            return False
        self.reached.update(mine)
        self.world.overtake(self.trunk)
        others = [name for name in names.delivering(self.pipeline, mine[0]) if name not in self.chain]
        newer: dict[str, Version] = {}
        for resource in self.pipeline.resources.values():
            found = self._check(resource) if "tag_regex" not in resource.source else self._newer_tag()
            found = found if resource.type == "git" else self._made(resource, "newer")
            if found:
                newer[resource.name] = found[-1]
        path = self.pipeline.upstream(others[0] if others else job.name)
        used = {
            each for name in path for each in (*(get.resource for get in self.pipeline.jobs[name].gets), *self.pipeline.jobs[name].puts)
        }
        for name in used & set(newer):
            self.database.save(name, newer[name])
        self._newer = {(name, each) for name, each in newer.items() if name in used}
        for name in path:
            self._green(name, newer)
        return not others

    def _newer_tag(self) -> list[Version]:
        return [version(ref="newer", commit=self.ground.commits["newer"])]

    # What builds share.

    def cached(self, name: str, source: Mapping[str, Any], params: Mapping[str, Any], found: Version) -> tuple[Path, Metadata]:
        """The files of a version, fetched once for all builds that ask the same (`retrieveFromCache` in `get_step.go`)."""
        resource = self.pipeline.resources[name]
        key = json.dumps([resource.type, source, params, found], sort_keys=True)
        with self.lock:
            if key not in self._kept:
                folder = self.world.folder("get")
                try:
                    metadata = resources.kind(resource.type, self.pipeline.types).get(self.world, source, params, found, folder)
                except RuntimeError as error:
                    raise ScriptFailed(str(error)) from error
                self._kept[key] = (folder, metadata)
            return self._kept[key]

    def cache(self, job: str, task: str, path: str) -> Path:
        """The worker's cache of a path, for one task of one job."""
        with self.lock:
            if (job, task, path) not in self._caches:
                self._caches[job, task, path] = self.world.folder("cache")
            return self._caches[job, task, path]

    def sleeps(self, stage: str) -> bool:
        """Whether a command of a job sleeps for good, as the scenario wants it to: told once for each time that it does."""
        rows = (line.split("\t", 3) for line in self.ground.log.read_text().splitlines())
        slept = sum(row[0] == "hang" and row[2] == stage for row in rows)
        with self.lock:
            woken = self._woken.get(stage, 0)
            self._woken[stage] = slept
        return slept > woken
