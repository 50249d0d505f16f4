"""An interpreter of GitLab's rules, which really runs the jobs' scripts on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from zlib import crc32

from pipelinekit.lowering.tags import NAME as TAG_GUARD
from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.semantics.trace import Outcome, RunOutcome, Why
from pipelinekit.testing import Level
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.suite import setup

from . import project
from .configuration import Invalid
from .happenings import event
from .jobs import Job
from .programs import Builders, Network
from .project import Project
from .runner import NoFiles, Runner, Running, services
from .server import Server

OUTCOMES: Mapping[str, RunOutcome] = {"success": "passed", "failed": "failed"}


class Interpreter:
    """GitLab's rules, each with the place of GitLab's source that it is from.

    The project is set up by the backend's own set-up steps. Jobs that may run at the same time do. Which of them ends first,
    whether gates are answered at once or late, and whether an image has bash: all that changes with the scenario's name, so that
    an order that holds by chance in one scenario breaks in another.
    """

    name = "interpreter"
    level: Level = "L2"
    hides: Mapping[Feature, str] = {
        "overtaking": "no newer delivery gets in before an older one; test_server.py shows that with two pipelines",
        "cancel_superseded": "takes two pipelines: test_server.py",
        "cache": "a trace doesn't look at caches: test_runner.py",
        "reports": "a trace doesn't look at reports: test_runner.py",
        "keep": "a trace doesn't look at what is kept: test_runner.py",
        "gate_timeout": "nobody waits that long",
        "runner": "everything runs on this machine",
        "checkout": "the trees are whole clones",
    }

    def missing(self) -> str | None:
        return None

    def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
        """Nothing that its rules allow to happen."""
        settings = project.of(setup(plan, "gitlab")) if scenario.overtaken else Project()
        if any(settings.mode(name) == "oldest_first" for name in scenario.overtaken):
            return "a newer delivery waits until this one has left the environment"
        return None

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        Run(files, project.of(ground.setup), ground, scenario).run()

    def close(self) -> None:
        """Nothing is left running between scenarios."""


class Run:
    """One scenario: a server, a runner, and a person who answers gates."""

    def __init__(self, files: Mapping[str, str], settings: Project, ground: Ground, scenario: Scenario) -> None:
        self.ground, self.scenario, self.files = ground, scenario, files
        self.server = Server(files, settings, ground)
        self.runner = Runner(self.server, Network(ground), scenario.name)
        self.running: list[Running] = []
        self.ended: set[Job] = set()
        self.answered: set[int] = set()
        way = crc32(scenario.name.encode())
        self.last_first, self.slow_person = bool(way & 1), bool(way & 2)

    def run(self) -> None:
        builders = Builders(self.ground, plan_name) if any(" build --file " in text for text in self.files.values()) else None
        try:
            happened = event(self.ground, self.server.project, self.files, self.scenario)
            for name in self.scenario.overtaken:
                self.server.deployed[name] = (self.server.next_id(), self.ground.commits["newer"])
            pipeline = self.server.push(happened) if happened is not None else None
            if pipeline is None:
                self.ground.run_end("nothing")
                return
            self._work()
            self._tell_skips()
            self.ground.run_end(OUTCOMES.get(pipeline.status, "stopped"))
        except Invalid as error:
            self.server.said.append(str(error))
            self.ground.run_end("failed")
        finally:
            for left in self.running:
                self.runner.close(left)
            if builders is not None:
                builders.close()
            self.ground.output("server", "\n".join(self.server.said))

    def _work(self) -> None:
        while True:
            for job in self.server.ready():
                self._start(job)
            if not self.slow_person and self._answer():
                continue
            if self.running:
                self._finish(self.running.pop(-1 if self.last_first else 0))
            elif not self._answer() and not self.server.ready():
                return

    def _answer(self) -> bool:
        """Press the next button, unless that gate is to be turned down: nobody ever presses it then."""
        for job in self.server.manual():
            name = plan_name(job.name)
            if job.id in self.answered:
                continue
            self.answered.add(job.id)
            if name in self.scenario.rejected:
                self.ground.gate(name, "rejected")
            else:
                self.server.play(job)
            return True
        return False

    def _start(self, job: Job) -> None:
        self.server.start(job)
        name = plan_name(job.name)
        if said(job):
            self.ground.job_start(name, services(job.entry))
        try:
            self.running.append(self.runner.start(job))
        except NoFiles as error:
            self.server.said.append(str(error))
            self._end(job, "missing_dependency")

    def _finish(self, running: Running) -> None:
        reason = self.runner.wait(running)
        if reason == "never":
            self.server.said.append(f"{running.job.name}: nothing ends it")
        else:
            self._end(running.job, reason)

    def _end(self, job: Job, reason: str) -> None:
        name = plan_name(job.name)
        if job.when == "manual":
            self.ground.gate(name, "rejected" if reason else "approved")
        self.server.finish(job, reason)
        self.ended.add(job)
        if said(job):
            self.ground.job_end(name, _outcome(job, reason))

    def _tell_skips(self) -> None:
        for pipeline in self.server.pipelines:
            for job in pipeline.jobs:
                if job not in self.ended and said(job):
                    why: Why = "overtaken" if job.reason == "outdated_deployment" else "need" if job.status == "skipped" else "unknown"
                    self.ground.job_skip(plan_name(job.name), why)


def _outcome(job: Job, reason: str) -> Outcome:
    """The word for an attempt; one that is tried again has failed."""
    if not reason:
        return "passed"
    if job.allow_failure and job.status == "failed":
        return "allowed"
    return "timeout" if reason == "job_execution_timeout" else "failed"


def plan_name(name: str) -> str:
    """The plan's name of a job: `test: [3.12, linux]` is the cell `test-3.12-linux`."""
    stage, _, values = name.partition(": [")
    return "-".join([stage, *values.removesuffix("]").split(", ")]) if values else name


def said(job: Job) -> bool:
    """Whether the plan has the job: not for bridges, gates (which have words of their own) and the guard of tags."""
    return not job.is_bridge and job.when != "manual" and job.name != TAG_GUARD
