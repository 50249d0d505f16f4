"""What a job's shell is given.

A job runs as `entrypoint` and `command`, not as `commands`: those travel through `echo` (where /bin/sh is dash, a backslash
changes), are printed in double quotes first (which runs what stands in backquotes), and arrive on standard input, where
any command that reads it swallows the next ones. The entrypoint holds what is Drone's, the command the script itself.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipelinekit.model.plan import Secret, Stage
from pipelinekit.text import script
from pipelinekit.text.shell import quote
from pipelinekit.text.yaml import Flow
from pipelinekit_drone import escape, facts
from pipelinekit_drone.layout import Document

SOURCE = "/drone/src"
ARTIFACTS = "/drone/artifacts"
KEPT = "/drone/kept"
CHANGED = "/drone/changed"
TREE = "/tmp/src"
NETRC = ("DRONE_NETRC_FILE", "DRONE_NETRC_PASSWORD")
"""Where a step has git's password: the runner gives it to all of them (`environ.Netrc` of runner-go)."""


def environment(variables: Mapping[str, Any]) -> dict[str, Any] | Flow:
    """The `environment` of a step: its variables, and nothing of git's, since a step's own variables win. Steps with `commands` have the
    password taken by the runner, which signs git in first.
    """
    nothing: dict[str, Any] = dict.fromkeys(NETRC, "")
    return {**escape.environment(variables), **nothing} if variables else Flow(nothing)


def entrypoint(stage: Stage, place: str, *, keeps: bool) -> list[str]:
    """The shell that starts the script. Exit code 78 would end the pipeline green, so any failure becomes 1.

    Its own variables begin with `PK_`, since one that the stage declares would change for the script too.
    """
    run = f'{_bound(stage)}{"bash -eo pipefail -c" if stage.shell == "bash" else "sh -ec"} "$0"'
    attempts = " ".join(str(number) for number in range(1, stage.retries + 2))
    if not keeps:
        again = f"for _ in {attempts}; do {run} && exit; done; exit 1"
        return ["/bin/sh", "-c", again if stage.retries else f"{run} || exit 1"]
    if stage.retries:
        lines = [f"for _ in {attempts}; do", f"  {run} && PK_FAILED=0 && break", "  PK_FAILED=1", "done"]
    else:
        lines = [f"{run} && PK_FAILED=0 || PK_FAILED=1"]
    return ["/bin/sh", "-c", "\n".join((*lines, *_keep(stage, place), 'exit "$PK_FAILED"')) + "\n"]


def _bound(stage: Stage) -> str:
    """A bound on one attempt. SIGKILL, since busybox has no `-k`; the shell above stays alive as process 1, which no signal ends."""
    return f"timeout -s KILL {stage.timeout} " if stage.timeout else ""


def _keep(stage: Stage, place: str) -> Iterator[str]:
    """Copy reports and kept files to where a later step takes them from, whether the job passed or failed."""
    words = " ".join(dict.fromkeys((*map(_glob, stage.reports), *map(_glob, stage.keep))))
    if place != SOURCE:
        yield f'cd {place} 2>/dev/null || exit "$PK_FAILED"'
    yield f"set -- {words}"
    yield "for path do"
    yield '  [ -e "$path" ] || continue'
    yield f'  mkdir -p "{KEPT}/{stage.name}/$(dirname "$path")"'
    yield f'  cp -R "$path" "{KEPT}/{stage.name}/$(dirname "$path")/"'
    yield "done"


def _glob(path: str) -> str:
    """A path for the shell to expand: all but its stars and question marks is quoted, and no name that it finds begins with a dash."""
    pieces = re.split(r"([*?]+)", path)
    word = "".join(piece if piece[:1] in ("*", "?") else piece and quote(piece) for piece in pieces)
    return f"./{word}" if path[0] in "*?" else word


def body(stage: Stage, document: Document, place: str, saved: tuple[str, ...]) -> str:
    """The script: whether it is wanted, guards, facts, files, the stage's own commands, the check of its outputs, files for others."""
    lines = [
        *_skip(stage, document),
        *script.secret_guards(stage),
        *(line for secret in stage.secrets if secret.file for line in _file(secret)),
        *facts.exports(stage, document),
        *facts.inputs(stage, document),
        *tree(place, again=stage.retries > 0),
        *(lay_over(stage, "") if place != SOURCE else ()),
        *script.commands(stage, save(stage.name, saved)),
    ]
    return script.joined(lines)


def _file(secret: Secret) -> list[str]:
    """A secret that the process wants as a file: written by a builtin, so that no argument list shows it."""
    write = f'set -- "$(mktemp)"; printf %s "${secret.name}" >"$1"; export {secret.name}="$1"; shift'
    return [f'if [ -n "${secret.name}" ]; then {write}; fi' if secret.optional else write]


def _skip(stage: Stage, document: Document) -> Iterator[str]:
    """End green in a pull request that touches none of the stage's files (the step `changes` looks)."""
    if stage.only_if and document.takes("pull_request"):
        others = any(event.kind != "pull_request" for event in document.runs[stage.name])
        unless = '[ "$DRONE_BUILD_EVENT" != pull_request ] || ' if others else ""
        yield f"{unless}[ -e {CHANGED}/{stage.name} ] || exit 0"


def tree(place: str, *, again: bool = False) -> list[str]:
    """A copy of the clean tree, a new one for each attempt; also for what only reads it, since git writes while it reads."""
    if place == SOURCE:
        return []
    return [*([f"rm -rf {place}"] if again else []), f"cp -R {SOURCE}/. {place}", f"cd {place}"]


def lay_over(stage: Stage, under: str) -> list[str]:
    """Copy the files that a stage asks for out of the hand-over folder, into the current folder or one `under` it."""
    return [line for need in stage.needs for line in _copy(need.paths, f"{ARTIFACTS}/{need.stage}/", under)]


def save(stage: str, paths: tuple[str, ...]) -> list[str]:
    """Copy outputs into the hand-over folder."""
    return list(_copy(paths, "", f"{ARTIFACTS}/{stage}/"))


def _copy(paths: tuple[str, ...], source: str, target: str) -> Iterator[str]:
    """Copy each path to the same place below `target`; a folder's files are laid over what is there."""
    files: dict[str, list[str]] = {}
    for path in paths:
        folder = target + (path if path.endswith("/") else path.rpartition("/")[0])
        word = quote(f"{source}{path}." if path.endswith("/") else source + path)
        files.setdefault(folder.rstrip("/"), []).append(word)
    for folder, words in files.items():
        if folder:
            yield f"mkdir -p {quote(folder)}"
        yield f"cp -R {' '.join(words)} {quote(folder or '.')}"
