"""Concourse's own planner and steps, as a Go program, of the newest version that was at hand as a module: 7.6."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from tests.readers.engines import require

HERE = Path(__file__).parent / "go"


@cache
def program() -> tuple[str, str | None]:
    """The built program, or why there is none."""
    if shutil.which("go") is None:
        return "", "there is no go"
    path = Path(tempfile.mkdtemp(prefix="concourse-steps-")) / "concourse-steps"
    built = subprocess.run(["go", "build", "-o", str(path), "."], cwd=HERE, capture_output=True, text=True, check=False)
    return str(path), None if built.returncode == 0 else f"tests/engines/concourse/go can't be built: {built.stderr}"


def ask(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each job what `ran`, in order, and the `status` of its build."""
    path, reason = program()
    require(reason)
    done = subprocess.run([path], input=json.dumps(cases), capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers
