"""gitlab-ci-local as a second reader: which jobs exist, and how they run, for an event.

It shares no code with GitLab. It is called with a clean environment (variables named GCL* are options, others leak
into jobs), in a repository of its own, and killed after a time limit: a cycle of needs spins for ever.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

SECONDS = 60

OVERRIDDEN = "CI_PIPELINE_SOURCE,CI_COMMIT_BRANCH,CI_COMMIT_TAG,CI_COMMIT_REF_NAME"
"""Setting these prints a warning on stdout, into the JSON, unless it is told not to."""

EVENTS: dict[str, tuple[str, ...]] = {
    "push": (),
    "merge request": (
        "--variable=CI_PIPELINE_SOURCE=merge_request_event",
        "--unset-variable=CI_COMMIT_BRANCH",
        "--variable=CI_MERGE_REQUEST_IID=1",
        "--variable=CI_MERGE_REQUEST_TARGET_BRANCH_NAME=main",
    ),
    "tag": (
        "--variable=CI_COMMIT_TAG=v1.0",
        "--unset-variable=CI_COMMIT_BRANCH",
        "--variable=CI_COMMIT_REF_NAME=v1.0",
    ),
    "schedule": ("--variable=CI_PIPELINE_SOURCE=schedule",),
}
"""Options that make each event of a repository whose branch main is checked out."""

_SETUP = (
    "init --quiet --initial-branch=main",
    "config user.name Test",
    "config user.email test@example.com",
    "add --all",
    "commit --quiet --message=Files",
    "remote add origin git@gitlab.com:acme/widget.git",
    "update-ref refs/remotes/origin/main HEAD",
    "symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/main",
)


class Refused(Exception):
    """gitlab-ci-local ended with an error; the text is what it said."""


def script() -> Path:
    """Where `install.sh` puts the engine."""
    root = Path(__file__).parents[2]
    engines = Path(os.environ.get("PIPELINEKIT_ENGINES", root / ".engines"))
    return engines / "node_modules" / "gitlab-ci-local" / "dist" / "index.js"


def available() -> str | None:
    """Why the engine cannot run here, or None."""
    missing = [program for program in ("node", "git", "rsync") if not shutil.which(program)]
    if missing:
        return f"gitlab-ci-local needs {', '.join(missing)}"
    return None if script().exists() else "gitlab-ci-local is not installed: run tests/readers/install.sh"


def listed(files: Mapping[str, str], events: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    """The engine's list of jobs for each event.

    Raises:
        Refused: it takes the files for invalid, or does not end.
    """
    with TemporaryDirectory() as folder:
        repository = Path(folder, "widget")
        home = Path(folder, "home")
        home.mkdir()
        _repository(repository, files, home)
        return {event: json.loads(_list(repository, home, EVENTS[event])) for event in events}


def _environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GCL_IGNORE_PREDEFINED_VARS": OVERRIDDEN,
    }


def _repository(folder: Path, files: Mapping[str, str], home: Path) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    for command in _SETUP:
        subprocess.run(["git", *command.split()], cwd=folder, env=_environment(home), check=True, capture_output=True)


def _list(repository: Path, home: Path, event: tuple[str, ...]) -> str:
    options = ("--list-json", "--no-color", "--force-shell-executor", "--shell-isolation", "--no-artifacts-to-source")
    try:
        # A run that outlasts its time is killed with SIGKILL; it ignores SIGTERM.
        done = subprocess.run(
            ["node", str(script()), *options, f"--home={home}", *event],
            cwd=repository,
            env=_environment(home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Refused(f"gitlab-ci-local did not end within {SECONDS} seconds: a cycle of needs?") from None
    if done.returncode:
        raise Refused(" ".join((done.stdout + done.stderr).split()))
    return done.stdout
