"""The Go program with Drone's own code (`go/`): built once into `.engines/`, and asked line by line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent / "go"
ROOT = Path(__file__).parents[3]

Question = Mapping[str, Any]
Ask = Callable[[Question], Mapping[str, Any]]


@cache
def built() -> tuple[Path, str | None]:
    """The program, and why there is none. Its name holds the hash of its sources."""
    if shutil.which("go") is None:
        return Path(), "there is no go"
    digest = sha256(b"".join(path.read_bytes() for path in sorted(SOURCES.rglob("*")) if path.is_file())).hexdigest()[:12]
    folder = Path(os.environ.get("PIPELINEKIT_ENGINES") or ROOT / ".engines")
    program = folder / f"drone-engine-{digest}"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        fresh = program.with_suffix(f".{os.getpid()}")
        words = ["go", "build", "-tags", "oss", "-o", str(fresh), "."]
        environ = {**os.environ, "CGO_ENABLED": "0"}
        done = subprocess.run(words, cwd=SOURCES, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            return program, f"tests/engines/drone/go can't be built: {done.stderr}"
        fresh.replace(program)
    said = subprocess.run([program, "check"], capture_output=True, text=True, check=False)
    return program, said.stdout.strip() or said.stderr.strip() or None


def lint(texts: Sequence[str]) -> list[list[str]]:
    """What the server's parser and linter, and those of the runner, have against each file."""
    done = subprocess.run([built()[0], "lint"], input=json.dumps(list(texts)), capture_output=True, text=True, check=True)
    found: list[list[str]] = json.loads(done.stdout)
    return found


class Conversation:
    """One server with its runners, from its set-up until it is closed."""

    def __init__(self, setup: Mapping[str, Any], answer: Ask) -> None:
        program, _ = built()
        self._answer = answer
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self._say(setup)

    def command(self, **command: Any) -> dict[str, Any]:
        """Let something happen to the server, answer what is asked meanwhile, and say what became of it.

        Raises:
            RuntimeError: the program ended, or something is wrong with the command.
        """
        self._say(command)
        while True:
            line = self._read()
            if "ask" not in line:
                if line["error"] and not line["build"]:
                    raise RuntimeError(line["error"])
                return line
            self._say(self._answer(line))

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _say(self, value: Mapping[str, Any]) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"drone-engine ended with {self._process.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found
