"""The programs of Google's builder images, played by the engine: docker, gcloud, gsutil, nc; and sleep, for the engine has its own clock.

Each is the same small client in the ground's `bin`, which asks the engine over a socket what to print and how to end. The socket
tells the asking process, and its session the step.
"""

from __future__ import annotations

import os
import selectors
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

NAMES = ("docker", "gcloud", "gsutil", "nc", "sleep")

_CLIENT = """#!@PYTHON@ -IS
import _socket as s, sys
j = [*sys.argv]
j[0] = j[0].rpartition('/')[2]
if '--password-stdin' in j:
    j.append(sys.stdin.read())
c = s.socket(s.AF_UNIX, s.SOCK_STREAM)
c.connect('\\0@ADDRESS@')
c.sendall('\\0'.join(j).encode('utf-8', 'surrogateescape') + b'\\n\\0\\n')
a = b''
while True:
    b = c.recv(65536)
    if not b:
        break
    a += b
e, o, r = a.decode().split('\\0') if a else ('1', '', '')
sys.stdout.write(o)
sys.stderr.write(r)
sys.exit(int(e))
"""

_numbers = count()


@dataclass(frozen=True)
class Answer:
    exit: int = 0
    out: str = ""
    err: str = ""


@dataclass(frozen=True)
class Call:
    """A program that a step has called. `reply` answers it, at once or later."""

    words: tuple[str, ...]
    pid: int
    connection: socket.socket

    @property
    def session(self) -> int:
        return os.getsid(self.pid)

    def path(self, name: str) -> Path:
        """A file as the caller sees it: its folder and root are its own."""
        return Path(f"/proc/{self.pid}/root{name}") if name.startswith("/") else Path(f"/proc/{self.pid}/cwd/{name}")

    def environ(self) -> Mapping[str, str]:
        entries = Path(f"/proc/{self.pid}/environ").read_bytes().decode(errors="surrogateescape").split("\0")
        return dict(entry.split("=", 1) for entry in entries if "=" in entry)

    def reply(self, answer: Answer) -> None:
        with suppress(OSError):  # it may have been killed meanwhile
            self.connection.sendall(f"{answer.exit}\0{answer.out}\0{answer.err}".encode())
        self.connection.close()


class Server:
    """Listens for programs; `answer` is called with each call."""

    def __init__(self, selector: selectors.BaseSelector, answer: Callable[[Call], None]) -> None:
        self.selector = selector
        self.answer = answer
        self.address = f"pipelinekit-cloudbuild-{os.getpid()}-{next(_numbers)}"
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listening.bind(f"\0{self.address}")
        self.listening.listen(64)
        selector.register(self.listening, selectors.EVENT_READ, self._accept)

    def install(self, folder: Path) -> None:
        """Put the programs into a folder."""
        python = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
        text = _CLIENT.replace("@PYTHON@", str(python)).replace("@ADDRESS@", self.address)
        for name in NAMES:
            path = folder / name
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
                path.chmod(0o755)

    def close(self) -> None:
        """Listen no more; a second time does nothing."""
        if self.listening.fileno() >= 0:
            self.selector.unregister(self.listening)
            self.listening.close()

    def _accept(self) -> None:
        connection, _ = self.listening.accept()
        pid, _, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i")))
        connection.settimeout(5)
        text = b""
        while not text.endswith(b"\n\0\n"):
            part = connection.recv(65536)
            if not part:
                connection.close()
                return
            text += part
        words = text[:-3].decode(errors="surrogateescape").split("\0")
        self.answer(Call(tuple(words), pid, connection))
