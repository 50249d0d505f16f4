"""A command's process, watched by its parent, which has the last word when a definition ends, crashes or blocks the one that reads it.

In one process nobody is left to say what happened after `os._exit`, a fault in a C library, or a loop inside of one.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NoReturn

from pipelinekit.diagnostics import Diagnostic
from pipelinekit.held import seconds, signals
from pipelinekit.model.plan import Source

GRACE = 2.0
"""Seconds that the definition's own clock has to stop it before its process is ended."""
MEMORY = 4 << 30
"""Bytes of data that reading a definition may take."""

_READING, _READ = b"r", b"."
_watcher: list[int] = []
"""In a watched process: where it says that it begins to read a definition, and that it is done."""


class Interrupted(KeyboardInterrupt):
    """Somebody's Ctrl-C, told apart from a definition that raises one."""


@contextmanager
def reading(file: str) -> Iterator[None]:
    """Around the reading of a definition: the parent knows, and memory is limited. Does nothing in a process without a parent of ours, and
    nothing more inside of itself.
    """
    if not _watcher:
        yield
        return
    watcher = _watcher.pop()
    os.write(watcher, _READING + file.encode("utf-8", "surrogateescape")[:1000] + b"\n")
    limits = _limit_memory()
    try:
        yield
    finally:
        if limits:
            import resource

            resource.setrlimit(resource.RLIMIT_DATA, limits)
        os.write(watcher, _READ)
        _watcher.append(watcher)


def memory() -> int:
    """The bytes that reading may take: 4 GiB, or what PIPELINEKIT_MEMORY says, like 512M or 8G."""
    import re

    found = re.fullmatch(r"([1-9][0-9]*)([MG])", os.environ.get("PIPELINEKIT_MEMORY", ""))
    return int(found[1]) << {"M": 20, "G": 30}[found[2]] if found else MEMORY


def _limit_memory() -> tuple[int, int] | None:
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        wanted = memory()
        if soft != resource.RLIM_INFINITY and soft <= wanted:
            return None
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    except (ImportError, OSError, ValueError):
        return None
    return soft, hard


def run(work: Callable[[], object]) -> NoReturn:
    """Do the work of a command in a child and end as that ends; in this process where there is no fork."""
    if not hasattr(os, "fork"):
        os._exit(ended(work))
    signal = signals()

    listen, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(listen)
        _watcher.append(tell)
        signal.signal(signal.SIGINT, _interrupted)
        os._exit(ended(work))
    os.close(tell)
    _watch(signal, child, listen)


def _interrupted(*_: object) -> None:
    signal = signals()

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # once is enough: a terminal tells parent and child
    raise Interrupted


def ended(work: Callable[[], object]) -> int:
    """The exit code of the work, after what it printed is out. What can go wrong with printing becomes one line."""
    code = 1
    try:
        try:
            given = work()
            code = given if isinstance(given, int) else 0
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else int(bool(error.code))
        except KeyboardInterrupt:
            _say("interrupted")
            code = 130
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        code = 1  # who read our output has had enough of it
    except OSError as error:
        _say(f"can't {f'use {error.filename}' if error.filename else 'write to standard output'}: {error.strerror or error}")
        code = 1
    except MemoryError:
        _say("there is not enough memory for this")
        code = 1
    except Exception:  # noqa: BLE001  # a fault of ours, which a report needs whole
        import traceback

        traceback.print_exc()
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.flush()
    return code


def _say(text: str) -> None:
    with suppress(OSError):
        print(f"pipelinekit: {text}", file=sys.stderr)


def _watch(signal: Any, child: int, listen: int) -> NoReturn:
    """Wait for the child; end as it ended, or say what its definition did to it."""
    relayed = {signal.SIGTERM, signal.SIGHUP, signal.SIGINT}
    for number in relayed:
        signal.signal(number, lambda number, _: _relay(child, number))
    file, limit = "", seconds()
    import select

    while True:  # until the definition is read, or the child is gone
        with suppress(InterruptedError):
            ready, _, _ = select.select([listen], [], [], limit + GRACE if file else None)
            if not ready:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                _end(file, f"takes longer than {limit:g} s to read", "a definition only defines; PIPELINEKIT_SECONDS=… allows more")
            said = os.read(listen, 2000)
            if not said or said.endswith(_READ):
                file = file if not said else ""
                break
            file = said[1:].decode("utf-8", "surrogateescape").strip()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if file and code >= 0:
        _end(file, f"ended the process with code {code} while it was read", "a definition only defines")
    if file and -code not in relayed:
        why = "its memory ran out?" if code == -signal.SIGKILL else "a fault in a library that it imports?"
        _end(file, f"made the process crash while it was read (signal {-code})", why)
    if code < 0:
        signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code if code >= 0 else 128 - code)


def _relay(child: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(child, number)


def _end(file: str, what: str, hint: str) -> NoReturn:
    from pipelinekit.cli import say

    say.lines([Diagnostic("PK041", "error", f"the definition {what}", hint, Source(file))])
    os._exit(1)
