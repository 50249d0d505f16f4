"""A server with one repository, for tests of the engine's own rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelinekit import Pipeline
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing.ground import Ground
from tests.engines.drone import host, program
from tests.engines.drone.program import Conversation, Question
from tests.readers import engines

PUSH = "trigger: {event: [push]}"


@dataclass
class Server:
    """A server with one repository; `started` and `statuses` are the steps that ran, `order` when which build's did, `text` what they printed."""

    ground: Ground
    settings: dict[str, Any] = field(default_factory=dict)
    secrets: list[dict[str, Any]] = field(default_factory=list)
    started: list[str] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    plays: list[Question] = field(default_factory=list)
    order: list[tuple[int, str]] = field(default_factory=list)
    text: str = ""

    def talk(self, file: str) -> Conversation:
        setup = {
            "file": file,
            "slug": host.SLUG,
            "branch": "main",
            "url": str(self.ground.repository),
            "secrets": self.secrets,
            "commits": host.commits(self.ground),
            "work": str(self.ground.work),
            "show": [str(self.ground.root)],
            "environ": self.ground.environment(),
            **self.settings,
        }
        return Conversation(setup, self.answer)

    def answer(self, question: Question) -> Mapping[str, Any]:
        name = f"{question.get('pipeline')}/{question['step']}"
        if question["ask"] in ("start", "end"):
            self.order.append((question["build"], question["ask"]))
        match question["ask"]:
            case "start":
                self.started.append(name)
            case "end":
                self.statuses[name] = question["status"]
            case "output":
                self.text += question.get("text", "")
            case "play":
                self.plays.append(question)
        return {"status": 0, "text": ""}

    def happen(self, file: str, happening: Happening | None = None) -> dict[str, Any]:
        """What becomes of an event: a push to trunk unless another one is asked for."""
        conversation = self.talk(file)
        try:
            name, payload = host.webhook(happening or Happening(), self.ground)
            return conversation.command(hook=name, payload=payload)
        finally:
            conversation.close()


def ground_for(folder: Path, happening: Happening) -> Server:
    """A server to which this event is about to happen. Skips the test where the engine is missing."""
    engines.require(program.built()[1])
    p = Pipeline("service", image="debian:12-slim")
    p.test("true")
    ground = Ground(folder)
    ground.begin(p.plan(), Scenario("an event", happening))
    return Server(ground)


def pipeline(name: str, *steps: str, more: str = PUSH) -> str:
    listed = "\n".join(f"- {{image: debian, {step}}}" for step in steps)
    return f"kind: pipeline\ntype: docker\nname: {name}\n{more}\nclone: {{disable: true}}\nsteps:\n{listed}\n"


def file(*pipelines: str) -> str:
    return "---\n".join(pipelines)


def statuses(build: Mapping[str, Any]) -> dict[str, str]:
    return {part["name"]: part["status"] for part in build["stages"]}
