"""Small projects for the tests of this folder: files written by hand, a server that has them, events of a repository."""

from __future__ import annotations

from pathlib import Path

from pipelinekit import Pipeline
from pipelinekit.semantics.matrix import unroll
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing.ground import Ground

from .engine import Run
from .happenings import ROOT_FILE, Event, event
from .jobs import Job
from .project import Project, Stored
from .server import Server

PUSH = Happening("push")
REQUEST = Happening("pull_request", branch="feature/one", changed=("src/app.py",))


class Small:
    """A project whose file is `text`; `more` are its other files, `secrets` variables of the project that every job sees."""

    def __init__(self, folder: Path, text: str, more: dict[str, str] | None = None, **secrets: str) -> None:
        self.files = {ROOT_FILE: text, **(more or {})}
        self.project = Project(branches=["main"], stored=[Stored(key, "*", False, True, False) for key in secrets])
        self.ground = Ground(folder)
        definition = Pipeline("small", image="debian:12-slim")
        definition.test("true")
        self.plan = unroll(definition.plan())
        self.secrets = secrets
        self.begin(PUSH)

    def begin(self, happening: Happening, **more: object) -> Scenario:
        """The ground as it is before the event."""
        scenario = Scenario(happening.kind, happening)
        self.ground.begin(self.plan, scenario)
        self.ground.secrets = dict(self.secrets)
        return scenario

    def server(self) -> Server:
        return Server(self.files, self.project, self.ground)

    def event(self, happening: Happening = PUSH, sha: str | None = None) -> Event:
        found = event(self.ground, self.project, self.files, Scenario(happening.kind, happening))
        assert found is not None
        return found if sha is None else Event(sha, found.ref, {**found.predefined, "CI_COMMIT_SHA": sha}, found.protected, found.changed)

    def run(self, happening: Happening = PUSH) -> Run:
        """A whole run, with its scripts."""
        done = Run(self.files, self.project, self.ground, self.begin(happening))
        done.run()
        return done

    def log(self, job: str) -> str:
        """What a job printed."""
        return (self.ground.state / "output" / job.replace("/", "_")).read_text()


def statuses(server: Server) -> dict[str, str]:
    return {job.name: job.status for pipeline in server.pipelines for job in pipeline.jobs}


def job(server: Server, name: str, pipeline: int = 0) -> Job:
    return next(each for each in server.pipelines[pipeline].jobs if each.name == name)


def finish(server: Server, name: str, reason: str = "", pipeline: int = 0) -> None:
    """A runner takes the job and ends it."""
    each = job(server, name, pipeline)
    server.start(each)
    server.finish(each, reason)
