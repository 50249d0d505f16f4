"""shellcheck, over many scripts at once."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.static.finding import Finding, Script


def missing() -> str | None:
    return None if shutil.which("shellcheck") else "shellcheck isn't installed"


def check(scripts: Sequence[Script]) -> list[Finding]:
    """All that shellcheck has to say, of every level; the same script is looked at once."""
    at = {(script.shell, script.options, script.text): script.where for script in reversed(scripts)}
    found: list[Finding] = []
    with TemporaryDirectory() as folder:
        names: dict[str, tuple[str, list[str]]] = {}
        for number, ((shell, options, text), where) in enumerate(at.items()):
            file = Path(folder, f"{number}.sh")
            file.write_text(f"#!/bin/{shell}\nset {options}\n{text}\n", encoding="utf-8")
            names[str(file)] = where, text.split("\n")
        files = list(names)
        for start in range(0, len(files), 200):
            done = subprocess.run(
                ["shellcheck", "--norc", "-f", "json", *files[start : start + 200]], capture_output=True, text=True, check=False
            )
            for each in json.loads(done.stdout):
                number = max(1, each["line"] - 2)
                where, lines = names[each["file"]]
                found.append(Finding(f"SC{each['code']}", f"{where}:{number}", each["message"], lines[number - 1]))
    return found
