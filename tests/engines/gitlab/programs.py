"""The programs that a job's image would have and this machine may lack: builders of images, `nc` for the port of a service.

Each is a few lines of sh that hand their words to the engine and end as it says.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipelinekit.testing.ground import Ground

BUILDER = r"""#!/bin/sh
# Hands its words, folder and input to the engine, and ends with the status that it is told.
here=$(mktemp -d @FOLDER@/XXXXXX) || exit 125
for word in @NAME@ "$@"; do printf '%s\0' "$word"; done >"$here/words"
printf '%s' "${CI_JOB_NAME-}" >"$here/job"
pwd >"$here/folder"
file=${REGISTRY_AUTH_FILE:-${DOCKER_CONFIG:-/nowhere}/config.json}
[ "$1" != push ] || [ ! -e "$file" ] || cat "$file" >"$here/credentials"
mkfifo "$here/reply"
echo "$here" >@FOLDER@/requests
read -r status said <"$here/reply"
[ -z "$said" ] || echo "$said" >&2
exit "$status"
"""

NC = r"""#!/bin/sh
# nc -z HOST PORT: whether a service of this job is there.
[ "$1" = -z ] || exec /bin/nc "$@"
grep -qsxF "$2:$3" "@FOLDER@/${CI_JOB_ID:-none}" && exit
touch "@FOLDER@/${CI_JOB_ID:-none}.in-vain"
exit 1
"""

SLEEP = r"""#!/bin/sh
# A service that isn't there at once never comes.
[ -e "@FOLDER@/${CI_JOB_ID:-none}.in-vain" ] && exit 1
exec /bin/sleep "$@"
"""

OVER = "over"


def write(folder: Path, name: str, text: str) -> None:
    program = folder / name
    program.write_text(text)
    program.chmod(0o755)


class Network:
    """What each job can reach: `alias:port` of its services."""

    def __init__(self, ground: Ground) -> None:
        self.folder = ground.work / "network"
        self.folder.mkdir()
        write(ground.bin, "nc", NC.replace("@FOLDER@", str(self.folder)))
        write(ground.bin, "sleep", SLEEP.replace("@FOLDER@", str(self.folder)))

    def connect(self, job: int, services: list[str]) -> None:
        (self.folder / str(job)).write_text("".join(f"{each}\n" for each in services))


class Builders:
    """buildah and docker. `name_of` turns a job's name into the plan's."""

    def __init__(self, ground: Ground, name_of: Callable[[str], str]) -> None:
        self.ground, self.name_of = ground, name_of
        self.folder = ground.work / "builders"
        self.folder.mkdir()
        self.built: set[tuple[str, str]] = set()
        self.refused: set[str] = set()
        for name in ("buildah", "docker"):
            write(ground.bin, name, BUILDER.replace("@FOLDER@", str(self.folder)).replace("@NAME@", name))
        os.mkfifo(self.folder / "requests")
        self._pipe = os.open(self.folder / "requests", os.O_RDWR)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        os.write(self._pipe, f"{OVER}\n".encode())
        self._thread.join()
        os.close(self._pipe)

    def _serve(self) -> None:
        with os.fdopen(os.dup(self._pipe)) as requests:
            for line in requests:
                if line.strip() == OVER:
                    return
                self._answer(Path(line.strip()))

    def _answer(self, request: Path) -> None:
        words = (request / "words").read_text().split("\0")[1:-1]
        job = self.name_of((request / "job").read_text())
        folder = Path((request / "folder").read_text().strip())
        file = request / "credentials"
        self.ground.private(file)  # what this stand-in tells the engine
        status, said = self._run(job, words, folder, json.loads(file.read_text()) if file.exists() else {})
        (request / "reply").write_text(f"{status} {said}\n")

    def _run(self, job: str, words: list[str], folder: Path, credentials: Mapping[str, Any]) -> tuple[int, str]:
        match words:
            case ["info"]:
                return 0, ""
            case ["build", *options]:
                return self._build(job, options, folder)
            case ["push", ref]:
                if (job, ref) not in self.built:
                    return 125, f"{ref}: image not known"
                if not all(_whole(each["auth"]) for each in credentials.get("auths", {}).values()):
                    return 125, "no username or password"
                return self.ground.image(job, "push", ref), ""
            case _:
                return 125, f"unknown command: {' '.join(words)}"

    def _build(self, job: str, options: list[str], folder: Path) -> tuple[int, str]:
        tags, file, rest = [], "Dockerfile", list(options)
        while len(rest) > 1:
            option, value, *rest = rest
            if option == "--tag":
                tags.append(value)
            elif option == "--file":
                file = value
            elif option != "--build-arg" or "=" not in value:
                return 125, f"unknown option: {option} {value}"
        if not rest or not tags or not (folder / file).is_file() or not (folder / rest[0]).is_dir():
            return 125, f"no context, no tag or no {file}"
        status = self.ground.image(job, "build", context=folder)
        if not status:
            self.built.update((job, tag) for tag in tags)
        return status, ""


def _whole(auth: str) -> bool:
    """Whether credentials hold a name and a password."""
    name, _, password = base64.b64decode(auth, validate=True).decode().partition(":")
    return bool(name and password)


def scratch() -> Path:
    """A folder for what a machine's tests leave, outside of any ground."""
    return Path(tempfile.mkdtemp(prefix="pk-gitlab-"))
