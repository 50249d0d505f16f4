"""The table of bad input, and how a row of it is played."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parent / "table.toml"
USUAL = """\
from pipelinekit import Cache, Environment, Input, Matrix, Pipeline, Registry, Runner, Secret, Service, changed, ci, on

IMAGE = "python:3.12-slim@sha256:" + "0" * 64
p = Pipeline("demo", image=IMAGE)
lint = p.lint("ruff check .")
"""
SECONDS = 20


class Row(NamedTuple):
    """One way to be wrong."""

    family: str
    name: str
    says: str
    exit: int
    run: str = "check"
    adds: str = ""
    text: str | None = None
    before: str = ""
    env: str = ""

    @property
    def definition(self) -> str:
        return USUAL + self.adds + "\n" if self.text is None else self.text

    @property
    def definition_shown(self) -> str:
        """What the row says of the definition."""
        return self.adds if self.text is None else self.text.rstrip("\n")

    @property
    def lines(self) -> str:
        return self.says.strip("\n")


class Ended(NamedTuple):
    """What a user reads, the exit code, and what was written."""

    says: str
    exit: int
    written: dict[str, object]


def rows() -> list[Row]:
    """All rows, in the order of the table."""
    return [Row(**row) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["row"]]


def play(row: Row, folder: Path) -> Ended:
    """Do in an empty folder what the row says, on the real command line."""
    (folder / "pipeline.py").write_text(row.definition, encoding="utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"}
    subprocess.run(["sh", "-ec", row.before or ":"], cwd=folder, env=environment, check=True)
    before = snapshot(folder)
    command = f"env {row.env} pipelinekit {row.run}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    after = snapshot(folder)
    changed = {path: there for path, there in after.items() if before.get(path) != there}
    changed.update({path: None for path in before if path not in after})
    return Ended(done.stdout.decode("utf-8"), done.returncode, changed)


def snapshot(folder: Path) -> dict[str, object]:
    """Everything in a folder: what kind it is, and the bytes of files."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = (path.lstat().st_mode, path.read_bytes() if path.is_file() and not path.is_symlink() else b"")
    return found
