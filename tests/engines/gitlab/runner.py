"""The runner: a job's tree, its environment, its one script, its time, and what it uploads.

gitlab-runner: `shells/bash.go` (`Finish`), `shells/abstract.go` (`writeUserScript`, `writeCommands`), `common/build.go`. Logs are kept
as they are: the server would also put `[MASKED]` for the values of masked variables.
"""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from . import store
from .creation import files_of
from .jobs import Job
from .programs import Network
from .server import Server
from .variables import Variable, expand, merged, on_runner, on_server, plain

_WAIT = re.compile(r"\bnc -z (\S+) (\d+)")
_BASH = "BASH_VERSION:?"
"""A script that demands bash runs in an image that has it; of the others nobody knows, so some get bash and some don't."""

_UNITS = {1: ("second", "sec", "s"), 60: ("minute", "min", "m"), 3600: ("hour", "hr", "h"), 86400: ("day", "d"), 604800: ("week", "w")}
_UNIT = {name: length for length, names in _UNITS.items() for name in names}
SLICE = 0.2
"""Seconds after which the runner looks whether a job is still getting anywhere."""


class NoFiles(Exception):
    """A dependency whose files are not there: the job fails before it starts (`missing_dependency_failure`)."""


@dataclass
class Running:
    """A job at work in its tree."""

    job: Job
    process: subprocess.Popen[bytes]
    tree: Path
    environment: dict[str, str]
    log: Path

    def spell(self, text: str) -> str:
        return spelled(text, self.environment)


class Runner:
    """A runner for all jobs of one server."""

    def __init__(self, server: Server, network: Network, seed: str) -> None:
        self.server, self.ground, self.network, self.seed = server, server.ground, network, seed
        self.builds = self.ground.work / "builds"

    def start(self, job: Job) -> Running:
        """Begin an attempt. Raises NoFiles."""
        folder = self.builds / f"{job.id}-{job.attempts}"
        tree = folder / "widget"
        tree.mkdir(parents=True)
        environment = self._environment(job, tree)
        if environment.get("GIT_STRATEGY") != "none":
            shutil.copytree(self._clone(job.pipeline.event.sha), tree, symlinks=True, dirs_exist_ok=True)
        self._caches(job).restore(job.entry, tree, lambda text: spelled(text, environment))
        self._download(job, tree)
        script = folder / "script"
        script.write_text(program(tree, [*_listed(job.entry.get("before_script")), *_listed(job.entry["script"])]))
        self.network.connect(job.id, services(job.entry))
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [self._shell(job), str(script)],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Running(job, process, tree, environment, folder / "log")

    def wait(self, running: Running) -> str:
        """Until the job has ended: nothing, or the reason of its failure; `never` for one that no time limit of its own ends."""
        while not _ended(running.process):
            if self._hangs(running):
                self._kill(running)
                return self._uploaded(running, "job_execution_timeout") if running.job.entry.get("timeout") else "never"
        status = running.process.returncode
        self._kill(running)
        return self._uploaded(running, "script_failure" if status else "")

    def _clone(self, sha: str) -> Path:
        """A clean tree of a commit, which each job gets a copy of."""
        folder = self.builds / sha
        if not folder.exists():
            self.ground.checkout(folder, sha)
            shutil.rmtree(folder / ".git" / "hooks", ignore_errors=True)
        return folder

    def close(self, running: Running) -> None:
        self._kill(running)

    def _uploaded(self, running: Running, reason: str) -> str:
        store.artifacts(running.job.entry, running.tree, self.store(running.job), running.spell, passed=not reason)
        self._caches(running.job).save(running.job.entry, running.tree, running.spell, passed=not reason)
        self.ground.output(running.job.name, running.log.read_text(errors="replace"))
        return reason

    def _hangs(self, running: Running) -> bool:
        """Whether a command of the job sleeps for good: then its time limit is over at once. The limit itself is read as GitLab reads it."""
        limit = running.job.entry.get("timeout")
        if limit is not None:
            seconds(str(limit))
        for line in self.ground.log.read_text().splitlines():
            if line.startswith("hang\t"):
                number = int(line.split("\t")[1].partition("-")[0])
                try:
                    if os.getpgid(number) == running.process.pid:
                        return True
                except ProcessLookupError:
                    continue
        return False

    def _kill(self, running: Running) -> None:
        with suppress(ProcessLookupError):
            os.killpg(running.process.pid, signal.SIGKILL)
        running.process.wait()

    def _shell(self, job: Job) -> str:
        """The runner takes bash where the image has it."""
        script = "\n".join([*_listed(job.entry.get("before_script")), *_listed(job.entry["script"])])
        return "bash" if _BASH in script or crc32(f"{self.seed} {job.name}".encode()) % 2 else "sh"

    def _environment(self, job: Job, tree: Path) -> dict[str, str]:
        temporary = Path(f"{tree}.tmp")
        own = {"CI_PROJECT_DIR": str(tree), "CI_BUILDS_DIR": str(tree.parent), "CI_CONCURRENT_ID": "0"}
        variables = on_server(merged(plain(own), self.server.variables(job)))
        self.ground.private(temporary)  # where the runner puts the files of this job's variables
        self._write_files(variables, temporary)
        return {**self.ground.environment(), **on_runner(variables, lambda key: str(temporary / key))}

    def _write_files(self, variables: Mapping[str, Variable], folder: Path) -> None:
        for each in variables.values():
            if each.file:
                folder.mkdir(exist_ok=True)
                (folder / each.key).write_text(each.value)

    def _caches(self, job: Job) -> store.Caches:
        return store.Caches(self.ground.work / "caches", protected=job.pipeline.event.protected)

    def store(self, job: Job) -> Path:
        """Where a job's artifacts are; a retried job is another one."""
        return self.ground.work / "artifacts" / str(job.id) / str(job.attempts)

    def _download(self, job: Job, tree: Path) -> None:
        for need, pipeline in files_of(job):
            other = next((each for each in pipeline.jobs if each.name == need.name), None) if pipeline else None
            if other is None or other.is_bridge:
                if need.pipeline:
                    raise NoFiles(f"{job.name}: there is no job {need.name} in pipeline {need.pipeline}")
                continue
            if need.pipeline and other.status != "success":
                raise NoFiles(f"{job.name}: {need.name} has not passed")
            if other.status in ("success", "failed"):
                store.lay(self.store(other) / "archive", tree)


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended within a slice of time; `Popen.wait` would look at it now and then alone."""
    with suppress(ProcessLookupError):
        handle = os.pidfd_open(process.pid)
        try:
            select.select([handle], [], [], SLICE)
        finally:
            os.close(handle)
    return process.poll() is not None


def spelled(text: str, environment: Mapping[str, str]) -> str:
    """A path with variables in it, as the runner spells it."""
    return expand(text, lambda name: "$" if name == "$" else environment.get(name, ""))


def program(tree: Path, items: list[str]) -> str:
    """The script that the shell is given."""
    lines = [f"cd {shlex.quote(str(tree))}"]
    for item in items:
        command = item.strip()
        first, several = command.partition("\n")[0], "\n" in command
        lines.append(f"echo {shlex.quote(f'$ {first}' + (' # collapsed multi-line command' if several else ''))}" if command else "echo")
        lines.append(command)
    body = shlex.quote("\n".join(lines) + "\n")
    return (
        "trap 'exit 1' TERM\n\n"
        'case "$(set -o)" in *"pipefail"*) set -o pipefail;; esac; set -o errexit\n'
        f"set +o noclobber\n(trap 'exit 1' TERM; eval {body}) < /dev/null\nexit 0\n"
    )


def services(entry: Mapping[str, Any]) -> list[str]:
    """`alias:port` of what a job can reach: the aliases of its services, at the ports on which its script waits for them."""
    aliases = {alias for service in entry.get("services") or () for alias in _aliases(service)}
    text = "\n".join([*_listed(entry.get("before_script")), *_listed(entry.get("script"))])
    return [f"{host}:{port}" for host, port in dict.fromkeys(_WAIT.findall(text)) if host in aliases]


def _aliases(service: Any) -> list[str]:
    """The names of a service (gitlab-runner: `helpers/docker/service`): its image's name in two spellings, and its aliases."""
    about = {"name": service} if isinstance(service, str) else service
    image = about["name"].partition("@")[0].rpartition(":")[0] or about["name"]
    return [image.replace("/", "__"), image.replace("/", "-"), *re.split(r"[ ,]+", about.get("alias", ""))]


def _listed(given: Any) -> list[str]:
    """Commands; lists in lists are one (gitlab: `Config::Entry::Commands`)."""
    if given is None:
        return []
    if isinstance(given, str):
        return [given]
    return [command for each in given for command in _listed(each)]


def seconds(text: str) -> int:
    """A time as GitLab reads it (the gem chronic_duration). Raises ValueError."""
    found = re.findall(r"(\d+)\s*([a-z]*)", text.replace(" and ", " "))
    if not found or re.sub(r"\d+\s*[a-z]*|\s|and", "", text):
        raise ValueError(f"{text!r} is no time")
    total = 0
    for number, unit in found:
        name = unit.removesuffix("s") if len(unit) > 1 else unit
        if name not in _UNIT and name:
            raise ValueError(f"{text!r} is no time")
        total += int(number) * _UNIT.get(name, 1)
    return total
