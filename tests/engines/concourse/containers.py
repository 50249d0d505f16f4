"""A task's container: a folder of its own with inputs, outputs and caches in it, and one process group.

`containerSpec`, `run` and `registerOutputs` of `atc/exec/task_step.go`; the image is this machine, whatever it is called.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import programs
from .pipeline import StepError
from .resources import ScriptFailed, check_image
from .variables import coerced
from .world import World

LONGEST = 8.0
"""Seconds after which a task that nothing bounds counts as one that never ends."""

Config = Mapping[str, Any]


class NeverEnds(Exception):
    """The build is still running when everybody has gone home."""


@dataclass
class Container:
    """`place` is where it works, `own` what the host keeps about it: programs, home, the output."""

    world: World
    place: Path
    own: Path
    config: Config

    @property
    def image(self) -> str:
        return str((self.config.get("image_resource") or {}).get("source", {}).get("repository", ""))

    @property
    def is_docker(self) -> bool:
        return self.image.rpartition("/")[2] == "docker"

    @property
    def is_builder(self) -> bool:
        return self.image.endswith("oci-build-task")

    @property
    def output(self) -> str:
        """What its process has printed, if it has begun."""
        file = self.own / "output"
        return file.read_text(errors="replace") if file.exists() else ""

    def services(self) -> list[str]:
        return programs.services(self.own) if self.is_docker else []


def create(world: World, config: Config, inputs: Mapping[str, Path], caches: Mapping[str, Path]) -> Container:
    """Mount what the task asks for: `inputs` by their paths, empty outputs, `caches` by theirs. Raises StepError without an image."""
    image = config.get("image_resource")
    if not image and not config.get("rootfs_uri"):
        raise StepError("no image specified for task")
    if image and image["type"] == "registry-image":
        try:
            check_image(image.get("source", {}))
        except ScriptFailed as error:
            raise StepError(f"image: {error}") from error
    container = Container(world, world.folder("task"), world.folder("container"), config)
    for path, source in inputs.items():
        shutil.copytree(source, container.place / path, symlinks=True, dirs_exist_ok=True)
    for output in config.get("outputs", ()):
        (container.place / output.get("path", output["name"])).mkdir(parents=True, exist_ok=True)
    for path, kept in caches.items():
        shutil.rmtree(container.place / path, ignore_errors=True)
        shutil.copytree(kept, container.place / path, symlinks=True)
    for name in ("bin", "home", "tmp"):
        (container.own / name).mkdir()
    world.ground.private(container.own / "tmp")  # the container's own, which ends with it
    if container.is_docker:
        programs.docker(container.own / "bin", container.own)
    if container.is_builder:
        programs.builder(container.own / "bin", container.own)
    return container


def environment(container: Container) -> dict[str, str]:
    """What a task sees: the address of the server and its params; nothing of its build (`TaskEnv` in `atc/exec/step_metadata.go`)."""
    base = container.world.ground.environment(ATC_EXTERNAL_URL="https://ci.example.com")
    path = base["PATH"]
    base |= {
        "PATH": container.world.ground.path(container.own / "bin"),
        "HOME": str(container.own / "home"),
        "TMPDIR": str(container.own / "tmp"),
    }
    if container.is_docker:
        base["PK_IMAGE_PATH"] = path
    return base | {name: coerced(value) for name, value in container.config.get("params", {}).items()}


def run(
    container: Container,
    limits: tuple[float, ...],
    *,
    begun: Callable[[], None],
    over: Callable[[], None],
    sleeps: Callable[[], bool] | None = None,
    canceled: Callable[[], bool],
    build: Callable[[Path], int],
) -> int | None:
    """The status of the task's process, or None when its time was over.

    `limits` are the bounds around it, in seconds of the file: a task that sleeps for good reaches any of them at once.
    `sleeps` says whether a command of this task sleeps for good, where the scenario has such a one; `build` makes an image
    from a folder; `begun` and `over` are told of the process. Raises StepError when the process can't start, NeverEnds when nothing ends it.
    """
    told = container.config["run"]
    folder = container.place / told.get("dir", "")
    if not folder.is_dir():
        raise StepError(f"working directory does not exist: {told.get('dir')}")
    terminal, other = os.openpty()
    try:
        with (container.own / "output").open("wb") as output:
            process = subprocess.Popen(
                [told["path"], *told.get("args", ())],
                cwd=folder,
                env=environment(container),
                stdin=other,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
    except OSError as error:
        raise StepError(f"exec failed: {error}") from error
    finally:
        os.close(other)
    begun()
    try:
        return _wait(process, container, limits, sleeps, canceled, build)
    finally:
        _kill(process)
        os.close(terminal)
        over()


def _wait(
    process: subprocess.Popen[bytes],
    container: Container,
    limits: tuple[float, ...],
    sleeps: Callable[[], bool] | None,
    canceled: Callable[[], bool],
    build: Callable[[Path], int],
) -> int | None:
    end = time.monotonic() + LONGEST
    over = os.pidfd_open(process.pid)
    asked = os.open(container.own / "asked", os.O_RDWR | os.O_NONBLOCK) if container.is_builder else None
    watched = [over] if asked is None else [over, asked]
    try:
        while True:
            ready, _, _ = select.select(watched, [], [], 0.01 if sleeps else 0.1)
            if over in ready:
                return process.wait()
            if asked in ready:
                context = Path(os.read(asked or 0, 4096).decode().strip())
                (container.own / "answer").write_text(f"{build(context)}\n")
            asleep = sleeps is not None and sleeps()
            if canceled() or (asleep and limits):
                return None
            if asleep or time.monotonic() > end:
                raise NeverEnds
    finally:
        for each in watched:
            os.close(each)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """A container ends with all that runs in it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
