"""One run on Drone: the event, the builds that follow from it, and the people who promote them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelinekit.semantics.scenario import Scenario
from pipelinekit.semantics.trace import Outcome
from pipelinekit.testing.ground import Ground
from tests.engines.drone import docker, host, people, programs
from tests.engines.drone.jobs import Steps
from tests.engines.drone.program import Conversation, Question

FAILED = ("failure", "error", "killed")


class Run:
    """A scenario on a server that has these files."""

    def __init__(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        self.ground = ground
        self.scenario = scenario
        self.steps = Steps(files)
        self.desk = people.desk(ground.setup)
        self.gate: str | None = None
        self.failed = False
        self.stopped = False
        self.ended: set[str] = set()
        secrets = {name: ground.secrets[name] for name in self.desk.secrets if name in ground.secrets}
        keys = {name: f"key-of-the-store-{name.lower()}" for name in programs.STORE_KEYS if name in self.desk.secrets}
        self.hurry = any(failure.kind == "hang" for failure in scenario.failures)
        programs.install(ground, keys, hurry=self.hurry)
        ground.private(ground.work / "*" / "steps")  # what the engine's own parts tell one another
        self.talk = Conversation(self._setup(files, {**keys, **secrets}), self._answer)

    def _setup(self, files: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
        return {
            "file": files.get(self.desk.file, ""),
            "slug": host.SLUG,
            "branch": host.branch(self.ground),
            "url": str(self.ground.repository),
            "ignore_forks": self.desk.ignore_forks,
            "trusted": False,
            "secrets": [{"name": name, "data": text, "pull_request": self.desk.secrets[name]} for name, text in secrets.items()],
            "commits": host.commits(self.ground),
            "work": str(self.ground.work),
            "show": [str(self.ground.root)],
            "limit": programs.LIMIT if self.hurry else 0,
            "environ": self.ground.environment(),
        }

    def go(self) -> None:
        """Everything that follows from the event."""
        try:
            first = self._event()
            if first is None or not first["build"]:
                self.ground.run_end("nothing")
                return
            self._judge(first)
            self._promote(first)
            self.ground.run_end("failed" if self.failed else "stopped" if self.stopped else "passed")
        finally:
            self.talk.close()

    def _event(self) -> dict[str, Any] | None:
        happening = self.scenario.happening
        if happening.kind == "schedule":
            branch = self.desk.crons.get(happening.name)
            return self.talk.command(cron=happening.name, branch=branch) if branch else None
        if happening.kind == "manual":
            start = self.desk.starts.get(happening.name)
            return self.talk.command(post=people.custom_build(start, dict(happening.inputs))) if start else None
        name, payload = host.webhook(happening, self.ground)
        return self.talk.command(hook=name, payload=payload)

    def _judge(self, build: Mapping[str, Any]) -> None:
        self.failed |= build["status"] in FAILED
        if build["status"] not in ("success", *FAILED):
            # Nothing moves any more: a pipeline waits for what never comes.
            self.failed = True
            self.ground.output("server", f"build {build['build']} is {build['status']}: {build['stages']}\n")
        if build["error"]:
            self.ground.output("server", build["error"])

    def _promote(self, build: Mapping[str, Any]) -> None:
        """People answer, in the order of the file. They are asked once the build before has passed; builds that have not passed,
        or that stand behind a gate that was turned down, somebody promotes all the same, as nobody on the server minds; but for
        promotions that would tell of a failure again.
        """
        for question, target in self.desk.answers:
            gate = self.ground.gates[question]
            would = self.talk.command(promote=build["build"], target=target, would=True)
            asked = not (self.failed or self.stopped)
            if not would["build"] or (not asked and any(part["on_failure"] for part in would["stages"])):
                continue
            if gate in self.scenario.rejected:
                if asked:
                    self.ground.gate(gate, "rejected")
                    self.stopped = True
                continue
            self.gate = gate
            if asked:
                self._approved()
            promoted = self.talk.command(promote=build["build"], target=target)
            self.gate = None
            if asked:
                self._judge(promoted)
                build = promoted

    def _approved(self) -> None:
        if self.gate is not None:
            self.ground.gate(self.gate, "approved")
            self.gate = None

    def _answer(self, question: Question) -> Mapping[str, Any]:
        match question["ask"]:
            case "output":
                self.ground.output(f"step-{question['step']}", question.get("text", ""))
            case "start" if job := self._job(question):
                self._approved()
                self.ground.job_start(job, self.steps.services(question["pipeline"], question.get("needs") or []))
            case "end" if job := self._job(question):
                self.ground.job_end(job, outcome(question))
            case "end" if (job := self.steps.before(question["pipeline"], question["step"])) and question["status"]:
                self.ended.add(job)
                self.ground.job_start(job, [])
                self.ground.job_end(job, outcome(question))
            case "skip" if (job := self._job(question)) and job not in self.ended:
                self.ground.job_skip(job)
            case "play":
                job = self._job(question)
                if job is None or not question["image"].startswith("plugins/docker"):
                    return {"status": 1, "text": f"nobody knows what the image {question['image']} does by itself\n"}
                status, text = docker.play(question, job, self.ground)
                return {"status": status, "text": text}
        return {}

    def _job(self, question: Question) -> str | None:
        return self.steps.job(question["pipeline"], question["step"])


def outcome(question: Question) -> Outcome:
    """How a step's end counts: 78 is no failure for the runner (`State.finish` of runner-go)."""
    if question["status"] in (0, 78):
        return "passed"
    return "allowed" if question.get("ignored") else "failed"
