"""The JVM that plays Jenkinsfiles, and the conversation with it: a line of JSON each way."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from tests.readers import jenkins as reader

GROOVY = Path(__file__).parent / "groovy"
Say = Callable[[str, list[Any]], int]


class Failed(RuntimeError):
    """The JVM could not do what it was asked: the file is refused, or the player itself is broken."""


class Jvm:
    """One JVM. Not for several threads at a time."""

    def __init__(self) -> None:
        classpath = os.pathsep.join(str(path) for path in [*reader.jars(), GROOVY, reader.HERE])
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the JVM
        self._jvm = subprocess.Popen(
            [
                "java",
                *reader.JVM_FLAGS,
                "-Dgroovy.use.classvalue=false",
                "-cp",
                classpath,
                "groovy.ui.GroovyMain",
                str(GROOVY / "player" / "Server.groovy"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
        )

    def ask(self, request: Mapping[str, Any], say: Say) -> dict[str, Any]:
        """The answer to a request; until it comes, `say` is told what happens, and gives a status back. Raises Failed."""
        self._write(request)
        while True:
            message = self._read()
            if "done" in message:
                answer: dict[str, Any] = message["done"]
                if "failure" in answer:
                    raise Failed(answer["failure"])
                return answer
            self._write({"status": say(message["say"], message["words"])})

    def close(self) -> None:
        """End the JVM."""
        assert self._jvm.stdin is not None
        assert self._jvm.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._jvm.stdin.close()
        try:
            self._jvm.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._jvm.kill()
            self._jvm.wait()
        self._jvm.stdout.close()
        self._errors.close()

    def _write(self, message: Mapping[str, Any]) -> None:
        assert self._jvm.stdin is not None
        try:
            self._jvm.stdin.write(json.dumps(message) + "\n")
            self._jvm.stdin.flush()
        except BrokenPipeError:
            raise Failed(self._stderr()) from None

    def _read(self) -> dict[str, Any]:
        assert self._jvm.stdout is not None
        line = self._jvm.stdout.readline()
        if not line:
            raise Failed(self._stderr())
        message: dict[str, Any] = json.loads(line)
        return message

    def _stderr(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-4000:]
