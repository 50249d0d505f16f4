"""Stand-ins for the programs of two images: the daemon of `docker:dind`, and the builder of `concourse/oci-build-task`.

Each container gets its own, in a folder first on its PATH: what the image doesn't hold isn't found there.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_DOCKER = r"""
import os, sys
state = "@STATE@"
words = sys.argv[1:]

def fail(text, status=1):
    print(f"docker: {text}", file=sys.stderr)
    sys.exit(status)

def there(name):
    return os.path.exists(f"{state}/{name}")

def write(name, text):
    with open(f"{state}/{name}", "w") as file:
        file.write(text)

command = words.pop(0) if words else ""
if command == "info":
    import time
    for _ in range(100):
        if there("daemon"):
            sys.exit(0)
        time.sleep(0.01)
    fail("Cannot connect to the Docker daemon")
if not there("daemon"):
    fail("Cannot connect to the Docker daemon")
if command == "network" and words[:1] == ["create"] and len(words) == 2:
    write(f"network-{words[1]}", "")
    sys.exit(0)
if command == "inspect" and words[:1] == ["-f"] and len(words) == 3 and "IPAddress" in words[1]:
    if not there(f"service-{words[2]}"):
        fail(f"No such object: {words[2]}")
    print(open(f"{state}/service-{words[2]}").read().split()[0])
    sys.exit(0)
if command == "logs" and len(words) == 1:
    sys.exit(0)
if command != "run":
    fail(f"{command!r} {words} is nothing that this stand-in knows")

name = network = folder = entrypoint = None
detached = False
environment, mounts = {}, []
while words and words[0].startswith("-"):
    flag = words.pop(0)
    if flag in ("-d", "--rm"):
        detached = detached or flag == "-d"
        continue
    value = words.pop(0)
    if flag == "--name":
        name = value
    elif flag == "--network":
        network = value
        if not there(f"network-{network}"):
            fail(f"network {network} not found", 125)
    elif flag == "-v":
        mounts.append(value.split(":")[1])
    elif flag == "-w":
        folder = value
    elif flag == "--entrypoint":
        entrypoint = value
    elif flag == "-e":
        key, equals, text = value.partition("=")
        if equals:
            environment[key] = text
        elif key in os.environ:
            environment[key] = os.environ[key]
    else:
        fail(f"unknown flag: {flag}", 125)
if not words:
    fail('"docker run" requires at least 1 argument', 125)
image = words.pop(0)
if not image or any(character in image for character in "${}() "):
    fail(f"invalid reference format: {image}", 125)
if detached:
    count = sum(each.startswith("service-") for each in os.listdir(state))
    write(f"service-{name}", f"172.18.0.{count + 2} {network} {image}\n")
    print(f"container-{name}")
    sys.exit(0)

def mounted(path):
    return any(path == mount or path.startswith(mount + "/") for mount in mounts)

if not folder or not mounted(folder):
    fail(f"the folder {folder} is not mounted")
for key, text in environment.items():
    if text.startswith("/") and os.path.isfile(text) and not mounted(text):
        environment[key] = text + ".not-mounted"
write("beside", network or "")
os.chdir(folder)
own = {"PATH": os.environ["PK_IMAGE_PATH"], "HOME": os.environ["HOME"], "LANG": "C.UTF-8"}
os.execvpe(entrypoint, [entrypoint, *words], own | environment)
"""

_DIND = """#!/bin/sh
exec "$@"
"""

_DOCKERD = """#!/bin/sh
: >"@STATE@/daemon"
"""

_NC = """#!/bin/sh
# nc -z ADDRESS PORT
[ "$1" = -z ] && [ $# = 3 ] || exit 2
for file in "@STATE@"/service-*; do
    read -r address network image <"$file" || exit 1
    if [ "$address" = "$2" ]; then
        alias=${file##*/service-}
        echo "$network $alias:$3" >>"@STATE@/answered"
        exit 0
    fi
done
exit 1
"""

_BUILD = """#!/bin/sh
# What oci-build-task is told by its environment; outputs are the folders of the working directory.
context=${CONTEXT:-.}
file=${DOCKERFILE:-$context/Dockerfile}
[ -d "$context" ] || { echo "no context $context" >&2; exit 1; }
[ -f "$file" ] || { echo "failed to read dockerfile: $file" >&2; exit 1; }
(cd "$context" && pwd) >"@STATE@/asked"
read -r status <"@STATE@/answer"
[ "$status" = 0 ] || exit "$status"
[ ! -d image ] || echo "@TAR@" >image/image.tar
"""


def docker(folder: Path, state: Path) -> None:
    """The programs of `docker:dind`."""
    _install(folder / "docker", f"#!{sys.executable} -SE\n{_DOCKER}", state)
    _install(folder / "dind", _DIND, state)
    _install(folder / "dockerd", _DOCKERD, state)
    _install(folder / "nc", _NC, state)


def builder(folder: Path, state: Path) -> None:
    """The program of `oci-build-task`: it says its context in one pipe, and reads from another how it is to end."""
    _install(folder / "build", _BUILD, state)
    for name in ("asked", "answer"):
        os.mkfifo(state / name)


def _install(path: Path, text: str, state: Path) -> None:
    path.write_text(text.replace("@STATE@", str(state)))
    path.chmod(0o755)


def services(state: Path) -> list[str]:
    """The `alias:port` that answered, of those in the network of the container that ran the job."""
    beside, answered = state / "beside", state / "answered"
    if not beside.exists() or not answered.exists():
        return []
    pairs = (line.split(" ", 1) for line in answered.read_text().splitlines())
    return [name for network, name in pairs if network == beside.read_text()]
