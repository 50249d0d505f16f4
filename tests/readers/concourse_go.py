"""Concourse's own validation and its own search for variables, as a Go program: what `fly` says to a pipeline.

The newest commit of the module that the proxy has is of October 2021; `problems` leaves out what has changed since.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from .engines import require

HERE = Path(__file__).parent / "concourse-go"

_YOUNGER = re.compile(r"^ +(?:disable_reruns|no_get): true\n", re.MULTILINE)
_ALLOWED_SINCE = re.compile(r"[.]across[.]task\(.* is not a valid identifier")


@cache
def program() -> tuple[str, str | None]:
    """The built program, or why there is none."""
    if shutil.which("go") is None:
        return "", "there is no go"
    path = Path(tempfile.mkdtemp(prefix="concourse-go-")) / "concourse-go"
    built = subprocess.run(["go", "build", "-o", str(path), "."], cwd=HERE, capture_output=True, text=True, check=False)
    return str(path), None if built.returncode == 0 else f"tests/readers/concourse-go can't be built: {built.stderr}"


def available() -> str | None:
    """Why the program can't run here, if it can't."""
    return program()[1]


def ask(texts: Sequence[str]) -> list[dict[str, Any]]:
    """For each pipeline its `problems`, and the names of the `variables` that would be looked up; `.:x` is a local one."""
    require(available())
    asked = json.dumps([_YOUNGER.sub("", text) for text in texts])
    done = subprocess.run([program()[0]], input=asked, capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return [answer | {"problems": [text for text in answer["problems"] if not _ALLOWED_SINCE.search(text)]} for answer in answers]
