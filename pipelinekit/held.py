"""What a definition is held to while its code runs in this process: time, output, and leaving the process as it was.

Nothing here keeps out somebody who means harm; `pipelinekit.sandbox` does. It keeps a mistake from becoming a hang, a screen
full of text or a fault somewhere else.
"""

import builtins
import os
import sys
from contextlib import suppress
from importlib import import_module
from types import FrameType, TracebackType
from typing import Any, NoReturn, TextIO, cast

PRINTED = 100_000
"""How many characters a definition may print."""


def seconds() -> float:
    """How long reading a definition may take: 30 seconds, or what PIPELINEKIT_SECONDS says."""
    try:
        return max(float(os.environ.get("PIPELINEKIT_SECONDS", "")), 0.1)
    except ValueError:
        return 30.0


def signals() -> Any:
    """`signal` without its enums, whose making takes as long as reading a small plan."""
    return import_module("_signal")


class Exceeded(BaseException):
    """A limit was reached. No Exception, so that a definition that catches those goes on to be stopped."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


def too_long(limit: float) -> Exceeded:
    return Exceeded(f"the definition takes longer than {limit:g} s to read", "a definition only defines; PIPELINEKIT_SECONDS=… allows more")


class _Output:
    """What a definition sees as its standard output and error: the real standard error, counted."""

    encoding, errors, closed = "utf-8", "backslashreplace", False

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.left = PRINTED
        self.buffer = self
        self.ends = True

    def write(self, text: str | bytes) -> int:
        self.left -= len(text)
        if self.left < 0:
            raise Exceeded(f"the definition prints more than {PRINTED:,} characters", "a definition only defines")
        self.ends = text[-1:] in ("\n", b"\n", "", b"")
        if self._stream is not None:
            self._stream.write(text if isinstance(text, str) else bytes(text).decode("utf-8", "backslashreplace"))
        return len(text)

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        if self._stream is not None:
            self._stream.flush()

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return 2


class _NoInput:
    """What a definition sees as its standard input: nobody is there to answer."""

    encoding, closed = "utf-8", False

    def read(self, *_: object) -> NoReturn:
        raise Exceeded("the definition reads standard input", "a definition says everything itself")

    readline = readlines = __iter__ = fileno = read

    @property
    def buffer(self) -> "_NoInput":
        return self

    def isatty(self) -> bool:
        return False


class Held:
    """Around a definition's code: limits before it, and afterwards everything that it could have changed as it was."""

    def __enter__(self) -> "Held":
        self._process = os.getpid()
        self._builtins = dict(vars(builtins))
        self._path = list(sys.path)
        self._streams = sys.stdin, sys.stdout, sys.stderr
        self._recursion = sys.getrecursionlimit()
        self._folder = os.getcwd()
        self._threads = _threads()
        self.output = _Output(sys.stderr)
        sys.stdin = cast(TextIO, _NoInput())
        sys.stdout = sys.stderr = cast(TextIO, self.output)
        self._stdout = _to_stderr()
        self._start_clock()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if os.getpid() != self._process:
            os._exit(1 if kind else 0)  # a child that the definition forked has nothing more to do
        self._stop_clock()
        if not self.output.ends:
            with suppress(Exceeded):
                self.output.write("\n")
        builtins.__dict__.update(self._builtins)
        sys.stdin, sys.stdout, sys.stderr = self._streams
        sys.path[:] = self._path
        sys.settrace(None)
        sys.setprofile(None)
        sys.setrecursionlimit(self._recursion)
        if self._stdout is not None:
            os.dup2(self._stdout, 1)
            os.close(self._stdout)
        with suppress(OSError):
            os.chdir(self._folder)

    def left_over(self) -> str | None:
        """What goes on although the definition's code has ended, or None."""
        for thread in _threads() - self._threads:
            join, alive = getattr(thread, "join"), getattr(thread, "is_alive")  # noqa: B009  # threading isn't imported for its types
            join(1)
            if alive():
                return f"the definition leaves a thread running: {getattr(thread, 'name', '')}"
        return None

    def _start_clock(self) -> None:
        """An alarm after the limit, and one each second from then on, for code that catches everything."""
        self._alarm: object = None
        try:
            signal = signals()

            if signal.getsignal(signal.SIGALRM) != signal.SIG_DFL:
                return  # somebody else's clock, a test runner's for one
            limit = seconds()

            def ring(_number: int, _frame: FrameType | None) -> None:
                if os.getpid() == self._process:
                    raise too_long(limit)

            signal.signal(signal.SIGALRM, ring)
            signal.setitimer(signal.ITIMER_REAL, limit, 1)
            self._alarm = ring
        except (ImportError, AttributeError, ValueError):
            return  # no such clock on this system, or not the main thread

    def _stop_clock(self) -> None:
        if self._alarm is not None:
            signal = signals()

            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _threads() -> set[object]:
    """The running threads that the process would wait for, this one apart."""
    threading = sys.modules.get("threading")
    if threading is None:
        return set()
    return {thread for thread in threading.enumerate() if not thread.daemon and thread is not threading.current_thread()}


def _to_stderr() -> int | None:
    """Let file descriptor 1 lead to standard error, for what children print; return a copy of what it was."""
    try:
        copy = os.dup(1)
    except OSError:
        return None
    try:
        os.dup2(2, 1)
    except OSError:
        os.close(copy)
        return None
    return copy
