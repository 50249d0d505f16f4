"""Shells as workers have them: what a script given to one of them gets and does."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

PROGRAMS = {"dash": "dash", "bash": "bash", "busybox": "busybox"}
"""Which program is `sh` in an image: of Debian, of many vendors, of Alpine."""

PRINT = """#!/bin/sh
printf '%s\\0' "$@"
"""
"""A program that prints its arguments, each with a NUL behind it."""


def missing(shell: str) -> Callable[[], str | None]:
    """Why a shell can't be had here, or None."""
    return lambda: None if shutil.which(PROGRAMS[shell]) else f"{PROGRAMS[shell]} isn't installed"


@cache
def folder(shell: str) -> Path:
    """A folder for PATH in which `sh` is the shell, and `args` prints what it is given."""
    found = Path(tempfile.mkdtemp(prefix="pk-shell-"))
    program = shutil.which(PROGRAMS[shell])
    assert program
    (found / "sh").symlink_to(program)
    add(found, "args", PRINT)
    return found


def add(path: Path, name: str, text: str) -> None:
    """Put a program into a folder."""
    (path / name).write_text(text, encoding="utf-8")
    (path / name).chmod(0o755)


def run(words: Sequence[str], shell: str, environment: Mapping[str, str] | None = None, cwd: Path | None = None) -> bytes:
    """What a command prints that finds the shell as `sh`. Raises CalledProcessError when it fails."""
    path = f"{folder(shell)}:{os.environ['PATH']}"
    done = subprocess.run(
        words, env={"PATH": path, **(environment or {})}, cwd=cwd, capture_output=True, check=True, stdin=subprocess.DEVNULL
    )
    return done.stdout


def split(printed: bytes) -> list[bytes]:
    """The texts of an output in which each has a NUL behind it."""
    return printed.split(b"\0")[:-1]
