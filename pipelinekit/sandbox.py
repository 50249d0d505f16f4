"""Read a definition that nobody vouches for: in bubblewrap, away from the network, the environment, the home and everything writable.

What comes back is a plan as JSON. It is data from outside like any other: size and shape are checked, and each text in it is
held to what a definition may say.
"""

import json
import os
import sys
from collections.abc import Iterable
from time import monotonic
from typing import Any, NoReturn

from pipelinekit.diagnostics import CODES, DefinitionError, Diagnostic
from pipelinekit.held import seconds
from pipelinekit.model.plan import Plan, Source
from pipelinekit.model.value import replace

LARGEST = 8_000_000
"""How many bytes of plan are taken."""
MEMORY = 1 << 30
"""Bytes of address space that each process in the sandbox may have."""
PROCESSES = 8
FILE = 1 << 20
OPEN_FILES = 128
SLOW_START = 5.0
"""Seconds that the sandbox may take beside the definition."""
FINDINGS = 100
_NOBODY = 61_000
"""Above the user ids that systems hand out: the first of those as which a sandbox of root runs."""
_HINT = "apt-get install bubblewrap; it must be allowed to make namespaces"


def load(file: str) -> Plan:
    """The plan of the definition `file`, whose code sees its project read-only and nothing else.

    Raises DefinitionError for whatever `load.load` does, when the sandbox can't be had, and when what comes back is no plan.
    """
    from pipelinekit.check.outside import unfit

    project, inside = _project(file)
    data, errors, status = _run(_command(project, inside), file)
    plan = _settled(_plan(data, errors, status, file), file)
    problems = unfit(plan, file)
    if problems:
        raise DefinitionError(*problems[:FINDINGS])
    return plan


def _project(file: str) -> tuple[str, str]:
    """The folder that the sandbox sees, and the definition in it: the working folder, or the definition's own when it is elsewhere."""
    folder = os.path.realpath(os.path.dirname(file) or ".")
    here = os.path.realpath(".")
    project = here if os.path.commonpath([here, folder]) == here else folder
    return project, os.path.normpath(os.path.join(os.path.relpath(folder, project), os.path.basename(file)))


def _command(project: str, file: str) -> list[str]:
    bwrap = next((place for folder in os.get_exec_path() if os.access(place := f"{folder}/bwrap", os.X_OK)), None)
    if bwrap is None:
        raise DefinitionError(Diagnostic("PK042", "error", "there is no sandbox for an untrusted definition", _HINT, Source(file)))
    root = os.geteuid() == 0
    seen = {folder: folder for folder in ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache")}
    for prefix in (sys.base_prefix, sys.exec_prefix, sys.prefix):
        if not os.path.abspath(prefix).startswith("/usr"):
            seen[os.path.abspath(prefix)] = os.path.abspath(prefix)
    seen |= {"/house/pipelinekit": os.path.dirname(os.path.abspath(__file__)), "/project": project}
    words = [bwrap, *_ALONE.split(), *(_AS_ROOT.split() if root else ["--unshare-user"])]
    for folder in dict.fromkeys(above for place in (*seen, "/dev/null") for above in _above(place)):
        words += ["--perms", "0755", "--dir", folder]
    for place, real in seen.items():
        words += ["--symlink", os.readlink(real), place] if os.path.islink(real) else ["--ro-bind-try", real, place]
    words += _without_git(os.path.join(project, ".git"))
    for device in ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"):
        words += ["--dev-bind", device, device]
    user = _NOBODY + os.getpid() % 4000 if root else 0
    python = [os.path.abspath(sys.executable), "-IB", "-X", "utf8", "-c", _PROGRAM]
    return [*words, "--proc", "/proc", "--remount-ro", "/", "--chdir", "/project", *python, file, str(seconds()), str(user)]


_ALONE = """--die-with-parent --new-session --clearenv --cap-drop ALL --hostname sandbox
--unshare-ipc --unshare-pid --unshare-net --unshare-uts --unshare-cgroup-try"""
_AS_ROOT = "--cap-add CAP_SETUID --cap-add CAP_SETGID"
_PROGRAM = "import sys; sys.path.insert(0, '/house'); from pipelinekit.sandbox import inside; inside(*sys.argv[1:])"


def _above(place: str) -> list[str]:
    """The folders above a place, from the top: made by bubblewrap, they would be closed to all but their owner."""
    parts = place.split("/")[1:-1]
    return ["/" + "/".join(parts[: count + 1]) for count in range(len(parts))]


def _without_git(git: str) -> list[str]:
    """Hides `.git`, in which a checkout keeps the token that it was made with."""
    if not os.path.lexists(git):
        return []
    if os.path.isdir(git):
        return ["--tmpfs", "/project/.git", "--remount-ro", "/project/.git"]
    return ["--ro-bind", "/dev/null", "/project/.git"]


def _run(command: list[str], file: str) -> tuple[bytes, bytes, int]:
    """What a command prints on both streams, within the limits, and how it ended."""
    import selectors
    import subprocess

    def stop(what: str, hint: str) -> NoReturn:
        raise DefinitionError(Diagnostic("PK041", "error", f"the definition {what}", hint, Source(file)))

    limit = seconds()
    end = monotonic() + limit + SLOW_START
    with (
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={"PATH": os.defpath}, bufsize=0
        ) as process,
        selectors.DefaultSelector() as selector,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        found = {process.stdout: bytearray(), process.stderr: bytearray()}
        for stream in found:
            selector.register(stream, selectors.EVENT_READ)
        try:
            while selector.get_map():
                ready = selector.select(max(end - monotonic(), 0))
                if not ready:
                    stop(f"takes longer than {limit:g} s to read", "a definition only defines; PIPELINEKIT_SECONDS=… allows more")
                for key, _ in ready:
                    pipe: Any = key.fileobj
                    more = os.read(pipe.fileno(), 1 << 16)
                    if not more:
                        selector.unregister(pipe)
                    elif pipe is process.stdout or len(found[pipe]) < FILE:
                        found[pipe] += more  # what it prints to the other beyond that is read and forgotten
                if len(found[process.stdout]) > LARGEST:
                    stop(f"gives back more than {LARGEST // 1_000_000} MB", "no plan is that large")
        finally:
            process.kill()  # and with it, all that it started: it is the first process of its own namespace
        return bytes(found[process.stdout]), bytes(found[process.stderr]), process.wait()


def _plan(data: bytes, errors: bytes, status: int, file: str) -> Plan:
    from pipelinekit.model.border import from_json

    source = Source(file)
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        answer = None
    if not data:
        said = errors.decode("utf-8", "replace").strip().splitlines()
        if said and said[0].startswith("bwrap: "):
            raise DefinitionError(Diagnostic("PK042", "error", f"the sandbox can't start: {said[0][7:300]}", _HINT, source))
        hint = "its memory, processes or time may have run out; a definition only defines"
        raise DefinitionError(Diagnostic("PK041", "error", f"the definition ended its process (status {status})", hint, source))
    match answer:
        case {"plan": str(text)}:
            return from_json(text, file)
        case {"findings": [_, *_] as findings}:
            raise DefinitionError(*(_finding(each, file) for each in findings[:FINDINGS]))
    raise DefinitionError(Diagnostic("PK032", "error", "what the sandbox gave back is no plan", "", source))


def _settled(plan: Plan, file: str) -> Plan:
    """The plan with sources that can be shown: findings would lead a reader, or a code host, wherever it says."""

    def known(source: Source) -> Source:
        return place(source.file, source.line, file)

    environments = tuple(replace(each, source=known(each.source)) for each in plan.environments)
    stages = tuple(replace(each, source=known(each.source)) for each in plan.stages)
    return replace(plan, stages=stages, environments=environments, source=known(plan.source))


def _finding(given: object, file: str) -> Diagnostic:
    match given:
        case {"code": str(code), "message": str(message), "hint": str(hint), "file": str(at), "line": int(line)} if code in CODES:
            return Diagnostic(code, "error", message[:1000], hint[:1000], place(at, line, file))
    return Diagnostic("PK032", "error", "what the sandbox gave back is no finding", "", Source(file))


def place(at: str, line: int, file: str) -> Source:
    """A source that a plan names, where it is one of the project's; otherwise the definition."""
    import re

    good = re.fullmatch(r"\w[\w./ -]{0,200}\.py", at, re.ASCII) and ".." not in at and 0 <= line < 10_000_000
    return Source(at, line) if good else Source(file)


def inside(file: str, limit: str, user: str) -> NoReturn:
    """In the sandbox: take up the limits, load, print the plan."""
    from pipelinekit import load as here
    from pipelinekit.model.border import to_json

    _confine(int(user), float(limit))
    os.environ["PIPELINEKIT_SECONDS"] = limit
    answer: dict[str, object]
    try:
        answer = {"plan": to_json(here.load(file))}
    except DefinitionError as error:
        answer = {"findings": [_as_data(each) for each in error.diagnostics]}
    with open(1, "wb", closefd=False) as stream:
        stream.write(json.dumps(answer).encode("ascii"))
    os._exit(0)


def _as_data(finding: Diagnostic) -> dict[str, object]:
    source = finding.source
    return {"code": finding.code, "message": finding.message, "hint": finding.hint, "file": source.file, "line": source.line}


def _confine(user: int, limit: float) -> None:
    import resource

    most: Iterable[tuple[int, int]] = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, int(limit) + 1),
        (resource.RLIMIT_FSIZE, FILE),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_NPROC, PROCESSES),
        (resource.RLIMIT_MSGQUEUE, 0),
    )
    if user:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    for which, value in most:
        resource.setrlimit(which, (value, value))
