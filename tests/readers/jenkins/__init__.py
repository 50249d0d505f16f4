"""An independent reader of Jenkinsfiles: a linter for Declarative pipelines, and a model of what was read.

The rules are those of the Declarative plugin's own validator, written down in the Groovy files of this directory. They
run on Groovy 2.4, the line that Jenkins embeds, from Debian's packages ``groovy`` and ``ant``; one JVM serves the whole
process and ends with it.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

__all__ = ["Finding", "JenkinsfileError", "available", "jars", "lint", "model", "shell", "stages", "steps"]

HERE = Path(__file__).parent
JARS_VARIABLE = "PIPELINEKIT_GROOVY_JARS"
DEBIAN_JARS = ("/usr/share/java/groovy-all.jar", "/usr/share/java/ant.jar")
# A short life: without the server compiler the start takes 1.3 s of CPU time instead of 2.2.
JVM_FLAGS = ("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx512m", "-Xss16m")


@dataclass(frozen=True)
class Finding:
    """One remark about a Jenkinsfile; ``code`` names the rule, line and column count from 1."""

    line: int
    column: int
    severity: Literal["error", "warning"]
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.line}:{self.column}: {self.severity} {self.code}: {self.message}"


class JenkinsfileError(ValueError):
    """A text that cannot be modelled: it does not parse, or holds no pipeline."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


def jars() -> list[Path]:
    """The jars of Groovy and Ant: those of ``PIPELINEKIT_GROOVY_JARS`` (split as a path list), or Debian's."""
    named = os.environ.get(JARS_VARIABLE)
    return [Path(jar) for jar in (named.split(os.pathsep) if named else DEBIAN_JARS)]


def available() -> str | None:
    """Why Jenkinsfiles cannot be read on this machine, or None."""
    if shutil.which("java") is None:
        return "Java is not installed (apt-get install groovy ant)"
    missing = [str(jar) for jar in jars() if not jar.is_file()]
    if missing:
        return f"{', '.join(missing)} not found (apt-get install groovy ant, or set {JARS_VARIABLE})"
    return None


def lint(text: str) -> list[Finding]:
    """Everything that Declarative would refuse in this Jenkinsfile, in the order of the text.

    Raises:
        RuntimeError: the reader itself failed, or could not be started.
    """
    return [Finding(**finding) for finding in json.loads(_read(text))["findings"]]


def model(text: str) -> dict[str, Any]:
    """The pipeline as plain data: sections by name, stages as a tree, steps with their arguments.

    Texts are decoded from their Groovy literals. Where a value is no literal, it is a mapping with one of the keys
    ``gstring``, ``map``, ``call`` and ``groovy``. A rule that was broken does not stop the model.

    Raises:
        JenkinsfileError: the text does not parse or has no ``pipeline {}``.
        RuntimeError: the reader itself failed, or could not be started.
    """
    read: dict[str, Any] | None = json.loads(_read(text))["model"]
    if read is None:
        raise JenkinsfileError(lint(text))
    return read


def stages(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every stage below a pipeline, a stage or a matrix, parents first."""
    for key in ("stages", "parallel"):
        for stage in holder.get(key) or ():
            yield stage
            yield from stages(stage)
    if holder.get("matrix"):
        yield from stages(holder["matrix"])


def steps(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a pipeline, a stage or a step: nested ones, those of ``post``, and the calls in ``script {}``.

    The calls of functions beside the pipeline are in ``model(text)["functions"]`` instead.
    """
    below = [*(holder.get("steps") or ()), *(holder.get("calls") or ())]
    for inner in [*(holder.get("post") or {}).values(), *(holder.get("branches") or {}).values()]:
        below.extend(inner)
    for step in below:
        yield step
        yield from steps(step)
    for key in ("stages", "parallel"):
        for stage in holder.get(key) or ():
            yield from steps(stage)
    if holder.get("matrix"):
        yield from steps(holder["matrix"])


def shell(holder: dict[str, Any]) -> list[str]:
    """The text of each ``sh`` step below a holder, as the shell gets it; interpolated texts are left out."""
    scripts = (step["arguments"].get("script") for step in steps(holder) if step["name"] == "sh")
    return [script for script in scripts if isinstance(script, str)]


@functools.lru_cache(maxsize=256)
def _read(text: str) -> str:
    return _server().ask(text)


@functools.cache
def _server() -> Server:
    reason = available()
    if reason is not None:
        raise RuntimeError(reason)
    server = Server()
    atexit.register(server.close)
    return server


class Server:
    """The JVM, and the conversation with it: a line of JSON each way."""

    def __init__(self) -> None:
        classpath = os.pathsep.join(str(path) for path in [*jars(), HERE])
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the JVM
        self._lock = threading.Lock()
        self._jvm = subprocess.Popen(
            ["java", *JVM_FLAGS, "-cp", classpath, "groovy.ui.GroovyMain", str(HERE / "Server.groovy")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            encoding="utf-8",
        )

    def ask(self, text: str) -> str:
        """The answer about a text."""
        return self.request(json.dumps({"text": text}))

    def request(self, line: str) -> str:
        """The answer to one line: a path, or a JSON object with ``text``."""
        assert self._jvm.stdin is not None
        assert self._jvm.stdout is not None
        with self._lock:
            try:
                self._jvm.stdin.write(line + "\n")
                self._jvm.stdin.flush()
                answer = self._jvm.stdout.readline()
            except BrokenPipeError:
                answer = ""
        if not answer:
            raise RuntimeError(f"the Groovy reader ended: {self._stderr()}")
        failure = json.loads(answer).get("failure")
        if failure is not None:
            raise RuntimeError(f"the Groovy reader failed: {failure}")
        return answer

    def close(self) -> None:
        """End the JVM."""
        assert self._jvm.stdin is not None
        assert self._jvm.stdout is not None
        # A JVM that never came up may leave the last request in the pipe.
        with contextlib.suppress(BrokenPipeError):
            self._jvm.stdin.close()
        self._jvm.wait(timeout=10)
        self._jvm.stdout.close()
        self._errors.close()

    def _stderr(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace")[-2000:]
