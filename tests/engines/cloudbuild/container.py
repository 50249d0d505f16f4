"""A step's container, played by a process with a mount namespace of its own.

It sees the machine's programs, and at the places where Cloud Build has them: `/workspace` and `/builder/home`, which all steps of a
build share, its named volumes, and a `/tmp` of its own, which is gone when it ends ("Build configuration overview",
cloud.google.com/build/docs/build-config-file-schema, `dir` and `volumes`). Linux alone has this; without root it takes user namespaces.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

NEW_MOUNTS, NEW_USER = 0x0002_0000, 0x1000_0000
BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x4_0000
HIDDEN = ("tmp", "workspace", "builder", "lost+found")
"""What a container doesn't see of the machine's own root."""


@cache
def missing() -> str | None:
    """Why there are no containers on this machine, or None."""
    if sys.platform != "linux":
        return "steps need mount namespaces, which Linux alone has"
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return "the kernel has no pidfd_open"
    try:
        return None if subprocess.call(["true"], preexec_fn=_own_mounts()) == 0 else "no process starts in a mount namespace"  # as `start`
    except (OSError, subprocess.SubprocessError) as error:
        return f"a mount namespace needs root, or user namespaces: {error}"


def start(
    words: Sequence[str], env: Mapping[str, str], folder: str, root: Path, binds: Mapping[str, Path], log: Path
) -> subprocess.Popen[bytes]:
    """Start a process in a new container. `root` is an empty folder; `binds` are the folders to show, by where. It leads a session."""
    own, build_root = _own_mounts(), _tree(root, binds)

    def inside() -> None:
        own()
        build_root()
        os.chroot(root)
        os.chdir(folder)

    with log.open("wb") as output:
        return subprocess.Popen(  # the child calls the kernel alone, and this process has one thread
            list(words),
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=inside,  # noqa: PLW1509  # the child calls the kernel alone, and this process has one thread
        )


def kill(session: int) -> None:
    """End all processes of a session: `timeout` and shells with job control make groups of their own inside."""
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError):
                if os.getsid(int(name)) == session:
                    os.kill(int(name), signal.SIGKILL)


def _own_mounts() -> Callable[[], None]:
    """What takes the calling process into a new mount namespace, as root of a user namespace where it isn't root."""
    libc = ctypes.CDLL(None, use_errno=True)
    user, group = os.geteuid(), os.getegid()

    def call() -> None:
        if libc.unshare(NEW_MOUNTS | (NEW_USER if user else 0)):
            raise OSError(ctypes.get_errno(), "unshare")
        if user:
            _write("/proc/self/setgroups", "deny")
            _write("/proc/self/uid_map", f"0 {user} 1")
            _write("/proc/self/gid_map", f"0 {group} 1")
        if libc.mount(b"none", b"/", None, RECURSIVE | PRIVATE, None):
            raise OSError(ctypes.get_errno(), "mount")

    return call


def _tree(root: Path, binds: Mapping[str, Path]) -> Callable[[], None]:
    """What builds the container's root: a file system in memory, with the machine's folders and `binds` shown in it."""
    libc = ctypes.CDLL(None, use_errno=True)
    top = [entry for entry in os.scandir("/") if entry.name not in HIDDEN]
    links = [(os.readlink(entry.path), f"{root}/{entry.name}") for entry in top if entry.is_symlink()]
    shown = [(entry.path, f"{root}/{entry.name}") for entry in top if entry.is_dir(follow_symlinks=False)]
    shown += [(str(source), f"{root}{place}") for place, source in binds.items()]

    def build() -> None:
        if libc.mount(b"tmpfs", str(root).encode(), b"tmpfs", 0, None):
            raise OSError(ctypes.get_errno(), "mount")
        os.mkdir(f"{root}/tmp")
        os.chmod(f"{root}/tmp", 0o1777)
        for target, link in links:
            os.symlink(target, link)
        for source, place in shown:
            os.makedirs(place, exist_ok=True)
            if libc.mount(source.encode(), place.encode(), None, BIND | RECURSIVE, None):
                raise OSError(ctypes.get_errno(), f"mount {place}")

    return build


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)
