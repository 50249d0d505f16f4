"""Drone's own substitution and YAML library, as a Go program: what the runner takes a file for."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .engines import require

HERE = Path(__file__).parent / "drone-go"


@cache
def program() -> tuple[str, str | None]:
    """The built program, or why there is none."""
    if shutil.which("go") is None:
        return "", "there is no go"
    path = Path(tempfile.mkdtemp(prefix="drone-go-")) / "drone-go"
    built = subprocess.run(["go", "build", "-o", str(path), "."], cwd=HERE, capture_output=True, text=True, check=False)
    return str(path), None if built.returncode == 0 else f"tests/readers/drone-go can't be built: {built.stderr}"


def available() -> str | None:
    """Why the program can't run here, if it can't."""
    return program()[1]


def ask(texts: Sequence[str], values: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """For each text what the server parses (`raw`), the substituted `text`, its `documents`, and the `error`, if any."""
    require(available())
    asked = json.dumps([{"text": text, "values": dict(values or {})} for text in texts])
    done = subprocess.run([program()[0]], input=asked, capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers
