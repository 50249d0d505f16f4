"""Pipelines that are written by hand, and what the executor makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipelinekit import Pipeline, Secret
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.testing import Ground
from pipelinekit.testing.suite import setup
from tests.engines.jenkins import Jenkins

PUSH = Happening("push", branch="main")
REQUEST = Happening("pull_request", branch="feature/one")
FORK = Happening("pull_request", branch="feature/one", fork=True)
TAG = Happening("tag", tag="v1.4")
BY_HAND = Happening("manual", name="retrain", inputs=(("problem", "a$b"),))

WORDS = {"job.start": "start {job}", "job.end": "{word} {job}", "job.skip": "skip {job}", "gate": "gate {job} {word}"}
FAILS = "sh 'exit 3'"


@dataclass(frozen=True)
class Played:
    """What a build said (`start a`, `passed a`, `skip a`, `gate a approved` …), how it ended, and what it printed."""

    said: list[str]
    ended: str
    log: str


class Player:
    """Plays Jenkinsfiles on a ground of its own."""

    def __init__(self, root: Path, engine: Jenkins) -> None:
        self.ground, self.engine = Ground(root), engine
        p = Pipeline("p", image="debian:12-slim")
        p.test("true", secrets=[Secret("TOKEN"), Secret("KEY", file=True)])
        self.plan = p.plan()
        self.ground.setup = tuple(step for step in setup(self.plan, "jenkins") if step.title.startswith("Credential"))

    def play(
        self,
        text: str,
        happening: Happening = PUSH,
        *,
        failures: tuple[Failure, ...] = (),
        rejected: tuple[str, ...] = (),
        overtaken: tuple[str, ...] = (),
    ) -> Played:
        scenario = Scenario("by hand", happening, failures, rejected, (), overtaken)
        self.ground.begin(self.plan, scenario)
        self.engine.run({"Jenkinsfile": text}, self.ground, scenario)
        said, ended = [], ""
        for line in self.ground.log.read_text().splitlines():
            kind, _, job, word, _ = line.split("\t", 4)
            if kind == "run.end":
                ended = word
            elif kind in WORDS:
                said.append(WORDS[kind].format(job=job, word=word))
        return Played(said, ended, self.engine.log)

    def log_of(self, steps: str, happening: Happening = PUSH, *, agent: str = "agent any", more: str = "") -> str:
        """What a build of one stage with these steps prints."""
        return self.play(pipeline(stage("a", steps, more, agent)), happening).log


def pipeline(*stages: str, options: str = "skipDefaultCheckout()", sections: str = "", post: str = "") -> str:
    inner = "\n".join(stages)
    after = f"post {{\n{post}\n}}\n" if post else ""
    return f"pipeline {{\nagent none\noptions {{\n{options}\n}}\n{sections}\nstages {{\n{inner}\n}}\n{after}}}\n"


def stage(name: str, steps: str = "echo 'x'", more: str = "", agent: str = "agent any") -> str:
    return f"stage('{name}') {{\n{agent}\n{more}\nsteps {{\n{steps}\n}}\n}}\n"


def around(name: str, *stages: str, more: str = "") -> str:
    """A stage with stages in it."""
    inner = "\n".join(stages)
    return f"stage('{name}') {{\n{more}\nstages {{\n{inner}\n}}\n}}\n"


def parallel(*stages: str, more: str = "") -> str:
    inner = "\n".join(stages)
    return f"stage('both') {{\n{more}\nparallel {{\n{inner}\n}}\n}}\n"
