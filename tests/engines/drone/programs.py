"""Programs that stand in for those of images: the store's client, the check whether a service answers, a clock that runs faster."""

from __future__ import annotations

from pipelinekit.testing.ground import Ground

STORE_KEYS = ("STORE_ACCESS_KEY_ID", "STORE_SECRET_ACCESS_KEY")
SECONDS = 2
"""How long a job's own timeout lasts at most where a job hangs."""
LIMIT = 4
"""How long the repository's lasts there, which ends the whole pipeline."""

RCLONE = """#!/bin/sh
# rclone copyto FROM TO | copy FOLDER TO | rcat TO: what lies in the store lies in a folder here, for who has its keys.
set -eu
place() { # PATH: sets at
    case $1 in
    :s3,env_auth,*:*)
        [ "${AWS_ACCESS_KEY_ID-} ${AWS_SECRET_ACCESS_KEY-}" = "@KEYS@" ] || { echo "AccessDenied: Access Denied" >&2; exit 1; }
        at=@STORE@/${1##*:} ;;
    :*) echo "didn't find backend called ${1%%,*}" >&2; exit 1 ;;
    *) at=$1 ;;
    esac
}
case $1 in
rcat) place "$2"; mkdir -p "${at%/*}"; cat >"$at" ;;
copyto | copy)
    place "$2"; from=$at; place "$3"
    [ -e "$from" ] || { echo "error reading source root directory: directory not found" >&2; exit 3; }
    if [ "$1" = copy ]; then mkdir -p "$at"; cp -R "$from/." "$at"; else mkdir -p "${at%/*}"; cp "$from" "$at"; fi ;;
*) echo "unknown command $1" >&2; exit 1 ;;
esac
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
    rclone = RCLONE.replace("@STORE@", str(ground.work / "store")).replace("@KEYS@", " ".join(keys.get(name, "-") for name in STORE_KEYS))
    programs = {"rclone": rclone, "nc": NC} | ({"timeout": TIMEOUT.replace("@SECONDS@", str(SECONDS))} if hurry else {})
    (ground.bin / "timeout").unlink(missing_ok=True)
    for name, text in programs.items():
        path = ground.bin / name
        path.write_text(text)
        path.chmod(0o755)
