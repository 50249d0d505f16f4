"""The engine: from an event to a build, and from a build to what the ground is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.semantics.trace import Decision, Outcome, RunOutcome, Why
from pipelinekit.testing.engine import Level
from pipelinekit.testing.ground import Ground
from tests.engines.jenkins import project
from tests.engines.jenkins import server as set_up
from tests.engines.jenkins.jvm import Jvm
from tests.engines.jenkins.programs import Programs
from tests.readers import jenkins as reader

OUTCOMES: Mapping[str, RunOutcome] = {
    "SUCCESS": "passed",
    "UNSTABLE": "failed",
    "FAILURE": "failed",
    "NOT_BUILT": "stopped",
    "ABORTED": "stopped",
}


class Jenkins:
    """Declarative's rules on Groovy 2.4; one JVM for all scenarios."""

    name = "jenkins"
    level: Level = "L2"
    hides: Mapping[Feature, str] = {
        "keep": "what is kept is looked at by tests of its own",
        "reports": "what is reported is looked at by tests of its own",
        "cache": "a cache is never there",
        "runner": "there is one agent, with all labels of the set-up",
        "cancel_superseded": "a pull request has one build at a time",
        "gate_timeout": "people answer at once",
    }

    def __init__(self) -> None:
        """`shallow`: the project has an option for cloning of its own, which brings one commit."""
        self._jvm: Jvm | None = None
        self._programs: Programs | None = None
        self.shallow = False
        self.log = ""

    def missing(self) -> str | None:
        return reader.available()

    def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
        return None

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        """Let the multibranch project build what the event is about."""
        server = set_up.of(ground.setup, files)
        self._install(ground, scenario)
        given = project.request(ground, scenario, server, files[server.script]) | {"shallow": self.shallow}
        if scenario.happening.kind == "manual":
            given["parameters"] = project.by_hand(scenario.happening)
        if scenario.happening.kind == "schedule":
            timer = project.timer(self._ask({"triggers": given}, ground)["timers"], scenario.happening)
            if timer is None:
                ground.run_end("nothing")
                return
            given |= {"cause": timer["cause"], "parameters": timer["parameters"]}
        answer = self._ask({"run": given}, ground)
        self.log = answer["log"]
        ground.output("build", answer["log"])
        ground.output("description", answer["description"] or "")
        if answer["result"] is not None:
            ground.run_end(OUTCOMES[answer["result"]])

    def beside(self, files: Mapping[str, str], ground: Ground, scenario: Scenario, commits: Sequence[str]) -> list[RunOutcome]:
        """Builds of these commits by one job, the oldest first, all at the same time: how they ended."""
        server = set_up.of(ground.setup, files)
        self._install(ground, scenario)
        given = project.request(ground, scenario, server, files[server.script]) | {"shallow": self.shallow}
        answer = self._ask({"runs": [given | {"sha": sha} for sha in commits]}, ground)
        self.log = "\n".join(answer["logs"])
        return [OUTCOMES[result] for result in answer["results"]]

    def jvm(self) -> Jvm:
        """The JVM, started with the first question."""
        if self._jvm is None:
            self._jvm = Jvm()
        return self._jvm

    def close(self) -> None:
        if self._jvm is not None:
            self._jvm.close()
        if self._programs is not None:
            self._programs.close()
        self._jvm = self._programs = None

    def _install(self, ground: Ground, scenario: Scenario) -> None:
        if self._programs is None:
            self._programs = Programs()
        self._programs.install(ground, quick=not any(failure.kind == "hang" for failure in scenario.failures))
        home = ground.environment()["HOME"]
        with open(f"{home}/.gitconfig", "w") as config:
            config.write(f'[url "{ground.repository}"]\n\tinsteadOf = {project.URL}\n[advice]\n\tdetachedHead = false\n')

    def _ask(self, request: Mapping[str, Any], ground: Ground) -> dict[str, Any]:
        return self.jvm().ask(request, lambda what, words: _say(ground, what, words))


def _say(ground: Ground, what: str, words: list[Any]) -> int:
    """What the build says, told to the ground."""
    match what, words:
        case "job_start", [job]:
            ground.job_start(job)
        case "job_end", [job, outcome]:
            ground.job_end(job, cast("Outcome", outcome))
        case "job_skip", [job, why]:
            ground.job_skip(job, cast("Why", why))
        case "gate", [gate, decision]:
            ground.gate(gate, cast("Decision", decision))
        case "output", [name, text]:
            ground.output(name, text)
        case _:
            raise ValueError(f"the build says {what} {words}")
    return 0
