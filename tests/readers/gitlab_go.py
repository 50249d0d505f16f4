"""GitLab's runner, by its own code, as a Go program; and YAML as its server reads it, by Psych.

The module proxy has the runner's newest commit alone; go.mod names the one of 19.4.
"""

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

HERE = Path(__file__).parent


@cache
def program() -> tuple[str, str | None]:
    """The built program, or why there is none."""
    if shutil.which("go") is None:
        return "", "there is no go"
    path = Path(tempfile.mkdtemp(prefix="gitlab-go-")) / "gitlab-go"
    built = subprocess.run(["go", "build", "-o", str(path), "."], cwd=HERE / "gitlab-go", capture_output=True, text=True, check=False)
    return str(path), None if built.returncode == 0 else f"tests/readers/gitlab-go can't be built: {built.stderr}"


def available() -> str | None:
    """Why the programs can't run here, if they can't."""
    return (None if shutil.which("ruby") else "there is no ruby") or program()[1]


def documents(texts: Sequence[str]) -> list[list[dict[str, Any]]]:
    """The documents of each file, as Psych reads them. Raises ValueError."""
    require(available())
    words = ["ruby", str(HERE / "gitlab_psych.rb")]
    done = subprocess.run(words, input=json.dumps(texts), capture_output=True, text=True, encoding="utf-8", check=True)
    found: list[Any] = json.loads(done.stdout)
    for each in found:
        if isinstance(each, dict):
            raise ValueError(each["error"])
    return found


def fnmatch(asked: Sequence[Sequence[str]]) -> list[bool]:
    """Whether each glob matches its path, as `rules:changes` asks Ruby (`lib/gitlab/ci/build/rules/rule/clause/changes.rb`)."""
    require(available())
    flags = "File::FNM_PATHNAME | File::FNM_DOTMATCH | File::FNM_EXTGLOB"
    program = f"puts JSON.generate(JSON.parse($stdin.read).map {{ |glob, path| File.fnmatch?(glob, path, {flags}) }})"
    words = ["ruby", "-rjson", "-e", program]
    done = subprocess.run(words, input=json.dumps(asked), capture_output=True, text=True, encoding="utf-8", check=True)
    found: list[bool] = json.loads(done.stdout)
    return found


def ask(jobs: Sequence[Mapping[str, Any]], root: str, *, posix: bool = False) -> list[dict[str, Any]]:
    """For each job, as the server sends it, its `folder`, its `scripts` by stage, `image`, `services`, and `paths` of artifacts.

    `posix` turns on the runner's `FF_POSIXLY_CORRECT_ESCAPES`, without which a dash can't read its scripts.
    """
    require(available())
    asked = json.dumps([{"job": job, "root": root, "posix": posix} for job in jobs])
    done = subprocess.run([program()[0]], input=asked, capture_output=True, text=True, encoding="utf-8", check=True)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    for each in answers:
        if each["error"]:
            raise ValueError(each["error"])
    return answers
