"""What people have set up on the server, and what they type later: `setup`'s commands of Drone's CLI, read back."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from urllib.parse import quote, urlencode

from pipelinekit.backend.interface import SetupStep
from tests.engines.drone.host import SLUG


@dataclass
class Desk:
    """The server's settings, and the commands for later: how a gate's question is answered, how a run is started by hand."""

    ignore_forks: bool = False
    file: str = ".drone.yml"
    secrets: dict[str, bool] = field(default_factory=dict)
    crons: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[str, str]] = field(default_factory=list)
    starts: dict[str, str] = field(default_factory=dict)


def desk(steps: Iterable[SetupStep]) -> Desk:
    """All steps of `setup`, done.

    Raises:
        ValueError: a command that Drone's CLI doesn't have, or a title that nobody understands.
    """
    found = Desk()
    for step in steps:
        for command in step.commands:
            _do(found, step.title, command)
    return found


def _do(found: Desk, title: str, command: str) -> None:
    words = shlex.split(command)
    match words:
        case ["drone", "repo", "enable", _]:
            pass
        case ["drone", "repo", "update", *flags, _]:
            found.ignore_forks |= "--ignore-forks" in flags
            if "--config" in flags:
                found.file = flags[flags.index("--config") + 1]
        case ["drone", "secret", "add", "--name", name, "--data", _, *flags, _]:
            found.secrets[name] = flags == ["--allow-pull-request"]
        case ["drone", "cron", "add", "--branch", branch, _, name, expression]:
            if len(expression.split()) != 6:
                raise ValueError(f"a cron expression of Drone has six fields: {expression}")
            found.crons[name] = branch
        case ["drone", "build", "promote", _, "BUILD", target]:
            found.answers.append((title.removeprefix("Answer "), target))
        case ["drone", "build", "create", "--branch", _, *_]:
            found.starts[title.removeprefix("Start ")] = command
        case [word] if word.startswith(("DRONE_RUNNER_LABELS=", "DRONE_RUNNER_PRIVILEGED_IMAGES=")):
            pass
        case _:
            raise ValueError(f"Drone's CLI knows no such command: {command}")


def custom_build(command: str, inputs: Mapping[str, str]) -> str:
    """The request that `drone build create` makes, with the inputs that a person gives in place of the defaults.

    A parameter is an input's name in capitals; one that nobody gives is left out.
    """
    words = shlex.split(command)
    given = {name.upper().replace("-", "_"): text for name, text in inputs.items()}
    asked = [word.partition("=")[0] for flag, word in pairwise(words) if flag == "--param"]
    if unknown := set(given) - set(asked):
        raise ValueError(f"nobody is told of the parameters {sorted(unknown)}")
    query = {"branch": words[words.index("--branch") + 1], **given}
    return f"/{SLUG}/builds?{urlencode(query, quote_via=quote)}"
