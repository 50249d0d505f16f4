"""Emitted files on disk: written whole or not at all, only below their folder, and never over somebody else's."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from pipelinekit.beneath import Beneath, Place
from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.held import signals
from pipelinekit.model.plan import Source
from pipelinekit.text.header import is_ours

LARGEST = 50_000_000
"""How many bytes of a file that is there are read."""
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def write(root: str, files: Mapping[str, str], *, force: bool = False) -> list[str]:
    """Write each file below `root` and return the paths whose bytes changed.

    All are written beside their places first, then moved into them, and are on the disk when this returns. A file keeps its
    mode and owner. Raises DefinitionError when a file at one of the places isn't ours (unless `force`), when a place lies
    outside of `root`, or when the disk says no; then the files are what they were.
    """
    _tell_apart(files)
    changed = [path for path, text in files.items() if read(root, path) != text]
    if not changed:
        return []
    try:
        foreign = [problem for path in changed if (problem := _foreign(root, path, force))]
        if foreign:
            raise DefinitionError(*foreign)
        with Beneath(root, make=True) as below, _alone(below) as alone, _uninterrupted():
            _replace(below, {path: files[path] for path in changed}, tidy=alone)
    except OSError as error:
        raise DefinitionError(_failed(error, root)) from None
    return changed


def read(root: str, path: str) -> str | None:
    """The text at a place, or None when there is no file. Bytes that aren't UTF-8 count as different text."""
    try:
        with Beneath(root) as below:
            place = below.place(path, follow=True)
            with open(os.open(place.name, _READ, dir_fd=place.folder), "rb") as file:
                found = os.fstat(file.fileno())
                if not stat.S_ISREG(found.st_mode):
                    what = "Is a directory" if stat.S_ISDIR(found.st_mode) else "Not a regular file"
                    raise OSError(21, what, path)
                if found.st_size > LARGEST:
                    raise OSError(27, f"Larger than {LARGEST // 1_000_000} MB", path)
                return file.read().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        error.filename = path
        raise DefinitionError(_failed(error, root)) from None


def diff(root: str, files: Mapping[str, str]) -> dict[str, str]:
    """For each file that differs from what is on disk, the unified diff from there to what it should be."""
    stale = {}
    for path, text in files.items():
        there = read(root, path)
        if there != text:
            stale[path] = _unified(path, there, text)
    return stale


def _unified(path: str, there: str | None, text: str) -> str:
    from difflib import unified_diff

    old = [] if there is None else there.splitlines(keepends=True)
    lines = unified_diff(old, text.splitlines(keepends=True), f"{path} (there)", f"{path} (rendered)")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ no newline at the end\n" for line in lines)


def _tell_apart(files: Mapping[str, str]) -> None:
    """Two files must be two on every disk, also on those to which `Ci` and `ci` are one."""
    seen: dict[str, str] = {}
    for path in files:
        other = seen.setdefault(os.path.normpath(path).casefold(), path)
        if other != path:
            raise DefinitionError(Diagnostic("PK031", "error", f"{path} and {other} are one file on some disks", "", Source(path)))


def _foreign(root: str, path: str, force: bool) -> Diagnostic | None:
    """What keeps a file of ours from being put there, or None."""
    try:
        with Beneath(root) as below:
            there = below.place(path).stat()
    except FileNotFoundError:
        return None
    if there is None or force:
        return None
    if stat.S_ISLNK(there.st_mode):
        hint = "move it away, or render with --force, which replaces the link and leaves what it leads to"
        return Diagnostic("PK1409", "error", f"{path} is a link, which pipelinekit doesn't write", hint, Source(path))
    text = read(root, path)
    if text is None or is_ours(text):
        return None
    message = f"{path} exists and wasn't written by pipelinekit"
    return Diagnostic("PK1409", "error", message, "move it away, or render with --force", Source(path))


def _replace(below: Beneath, files: Mapping[str, str], *, tidy: bool) -> None:
    """Write all files beside their places, then move them there; what isn't moved is taken away again."""
    staged: list[tuple[str, Place, Place]] = []
    folders: set[int] = set()
    try:
        for path, text in files.items():
            with _about(path):
                place = below.place(path)
                if tidy:
                    _tidy(place)
                temporary = Place(place.folder, f".{place.name}.{os.getpid()}.tmp")
                staged.append((path, temporary, place))
                _stage(temporary, place, text.encode())
        while staged:
            path, temporary, place = staged[0]
            with _about(path):
                os.replace(temporary.name, place.name, src_dir_fd=temporary.folder, dst_dir_fd=place.folder)
            folders.add(place.folder)
            staged.pop(0)
        for folder in folders:
            os.fsync(folder)
    finally:
        for _, temporary, _ in staged:
            with suppress(OSError):
                os.unlink(temporary.name, dir_fd=temporary.folder)


@contextmanager
def _about(path: str) -> Iterator[None]:
    """What the disk says is said of the user's file, not of the one beside it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, path) from None


def _stage(temporary: Place, place: Place, data: bytes) -> None:
    """Write the bytes into a new file, with the mode and the owner of the one that it will replace."""
    descriptor = os.open(temporary.name, _NEW, 0o666, dir_fd=temporary.folder)
    try:
        there = place.stat()
        if there and stat.S_ISREG(there.st_mode):
            with suppress(PermissionError):
                os.fchown(descriptor, there.st_uid, there.st_gid)
            os.fchmod(descriptor, there.st_mode & 0o777)
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _tidy(place: Place) -> None:
    """Take away what a run that was killed left beside a place."""
    left = re.compile(rf"\.{re.escape(place.name)}\.[0-9]+\.tmp")
    for name in os.listdir(place.folder):
        if left.fullmatch(name):
            with suppress(OSError):
                os.unlink(name, dir_fd=place.folder)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A signal that ends the process waits until the files are in their places."""
    signal = signals()
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _alone(below: Beneath) -> Iterator[bool]:
    """One run at a time in a folder; yields whether that is so, since some disks have no locks."""
    try:
        import fcntl

        fcntl.flock(below.folder, fcntl.LOCK_EX)
    except (ImportError, OSError):
        yield False
        return
    yield True


def _failed(error: OSError, root: str) -> Diagnostic:
    """What the disk says of a path below the root, or of the root itself."""
    path = error.filename
    if not isinstance(path, str) or os.path.isabs(path):
        name = root
    else:
        name = path if os.path.isabs(root) else os.path.normpath(os.path.join(root, path))
    hint = "move it away" if error.strerror in ("Is a directory", "Not a regular file", "Not a directory") else ""
    return Diagnostic("PK031", "error", f"can't read or write {name}: {error.strerror}", hint, Source(name))
