"""A stage whose commands are a recipe's, really run, with stand-ins for the programs that can't be had here."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelinekit import Environment, Matrix, Pipeline
from pipelinekit.authoring.recipe import Recipe
from pipelinekit.model.plan import Stage

SHA = "0123456789abcdef0123456789abcdef01234567"
STAND_IN = """#!/bin/sh
{{ printf '%s\\0' {name} "$@"; printf '\\n'; }} >>"$CALLS"
{body}
"""


@dataclass(frozen=True)
class Played:
    """How a script ended: its status, what it printed, and each call of a stand-in, as words."""

    status: int
    output: str
    calls: list[list[str]]


def stage(recipe: Recipe, *, matrix: Sequence[Matrix] = ()) -> Stage:
    """The stage that a user gets who gives the recipe to a kind."""
    p = Pipeline("recipes", image="busybox")
    environment = Environment("staging", url="https://staging.example")
    if matrix:
        p.test(recipe, matrix=list(matrix))
    else:
        p.deploy(recipe, environment=environment)
    return p.plan().stages[0]


def play(
    recipe: Recipe,
    folder: Path,
    *,
    programs: Mapping[str, str] | None = None,
    environment: Mapping[str, str] | None = None,
    shell: str = "sh",
) -> Played:
    """Run a recipe's commands in a folder. `programs` are stand-ins by name, with what they do after their call is noted."""
    place = folder.parent / f"{folder.name}-bin"
    place.mkdir(exist_ok=True)
    calls = place / "calls"
    calls.write_bytes(b"")
    for name, body in (programs or {}).items():
        (place / name).write_text(STAND_IN.format(name=name, body=body))
        (place / name).chmod(0o755)
    made = stage(recipe)
    seen = {
        "PATH": f"{place}:{os.environ['PATH']}",
        "HOME": str(place),
        "CALLS": str(calls),
        "PK_SHA": SHA,
        "PK_SHORT_SHA": SHA[:8],
        **dict(made.variables),
        **(environment or {}),
    }
    script = "\n".join((*made.setup, *made.commands))
    done = subprocess.run(
        [shell, "-ec", script],
        cwd=folder,
        env=seen,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    found = [line.split("\0") for line in calls.read_text().split("\0\n") if line]
    return Played(done.returncode, done.stdout.decode(), found)
