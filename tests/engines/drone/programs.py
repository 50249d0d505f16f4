"""Programs that stand in for those of images: the store's client, the check whether a service answers, a clock that runs faster."""

from __future__ import annotations

import sys

from pipelinekit.testing.ground import Ground

STORE_KEYS = ("STORE_ACCESS_KEY_ID", "STORE_SECRET_ACCESS_KEY")
SECONDS = 2

RCLONE = """#!@PYTHON@
import os, pathlib, shutil, sys

def local(path):
    if not path.startswith(":"):
        return pathlib.Path(path)
    kind, *options = path.partition(":")[2].split(",")
    keys = [os.environ.get(name, "") for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    if kind != "s3" or "env_auth" not in options or keys != @KEYS@:
        sys.exit("AccessDenied: Access Denied")
    return pathlib.Path("@STORE@") / path.rpartition(":")[2]

verb, *paths = sys.argv[1:]
target = local(paths[-1])
if verb == "rcat":
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(sys.stdin.buffer.read())
elif verb == "copyto":
    source = local(paths[0])
    if not source.exists():
        sys.exit("error reading source root directory: directory not found")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
elif verb == "copy":
    shutil.copytree(local(paths[0]), target, dirs_exist_ok=True)
else:
    sys.exit(f"unknown command {verb}")
"""

NC = """#!/bin/sh
# nc -z HOST PORT: a service of the pipeline answers under its name.
[ "$1" = -z ] && [ $# -eq 3 ] && grep -qw -- "$2" /etc/hosts
"""

TIMEOUT = """#!/bin/sh
# timeout -s SIGNAL SECONDS COMMAND…: no longer than a scenario may take.
case $1 in -s) signal="-s $2"; shift 2 ;; esac
seconds=$1
shift
[ "$seconds" -lt @SECONDS@ ] || seconds=@SECONDS@
exec /usr/bin/timeout $signal "$seconds" "$@"
"""


def install(ground: Ground, keys: dict[str, str], *, hurry: bool) -> None:
    """Put them in front of this machine's own; the clock is faster where a scenario's job hangs."""
    rclone = RCLONE.replace("@PYTHON@", sys.executable).replace("@STORE@", str(ground.work / "store"))
    rclone = rclone.replace("@KEYS@", repr([keys.get(name, "-") for name in STORE_KEYS]))
    programs = {"rclone": rclone, "nc": NC} | ({"timeout": TIMEOUT.replace("@SECONDS@", str(SECONDS))} if hurry else {})
    (ground.bin / "timeout").unlink(missing_ok=True)
    for name, text in programs.items():
        path = ground.bin / name
        path.write_text(text)
        path.chmod(0o755)
