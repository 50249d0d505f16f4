"""A folder that nothing leads out of: paths below it are walked part by part, each opened in the one before it.

A link is followed where it stays below the folder. Since every step holds the folder that it is in, nobody can put a link in the way
between the check of a path and its use.
"""

import os
import stat
from contextlib import ExitStack, suppress
from errno import ENOTDIR
from types import TracebackType
from typing import NamedTuple

from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.model.plan import Source

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LINKS = 40


class Place(NamedTuple):
    """Where a file stands or will: its open folder, and its name there."""

    folder: int
    name: str

    def stat(self) -> os.stat_result | None:
        """What is there, a link itself and not what it leads to; None for nothing."""
        try:
            return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)
        except FileNotFoundError:
            return None


class Beneath:
    """The open folder `root`. With `make`, it and folders below are made where they are missing."""

    def __init__(self, root: str, *, make: bool = False) -> None:
        self.root = root
        self.made: list[Place] = []
        self._make = make
        self._open = ExitStack()

    def __enter__(self) -> "Beneath":
        if self._make and not os.path.isdir(self.root):
            os.makedirs(self.root, exist_ok=True)
        self.folder = self._hold(os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if kind:
            for place in reversed(self.made):
                with suppress(OSError):
                    os.rmdir(place.name, dir_fd=place.folder)
        self._open.close()

    def place(self, path: str, *, follow: bool = False) -> Place:
        """The place of a path; with `follow`, of what a link there leads to.

        Raises DefinitionError for one that leads outside, and OSError (FileNotFoundError for a missing folder).
        """
        if os.path.isabs(path) or "\0" in path:
            raise self._outside(path)
        rest = path.split("/")
        above = [self.folder]
        links = 0
        while rest:
            part, *rest = rest
            if part in ("", "."):
                continue
            if part == "..":
                if len(above) == 1:
                    raise self._outside(path, links)
                above.pop()
                continue
            if rest or follow:
                link = _link(part, above[-1])
                if link is not None:
                    links += 1
                    if links > _LINKS or os.path.isabs(link):
                        raise self._outside(path, links)
                    rest = link.split("/") + rest
                    continue
            if not rest:
                return Place(above[-1], part)
            above.append(self._enter(part, above[-1], path))
        raise IsADirectoryError(21, "Is a directory", path)

    def _enter(self, part: str, folder: int, path: str) -> int:
        try:
            return self._hold(os.open(part, _FOLDER, dir_fd=folder))
        except FileNotFoundError:
            if not self._make:
                raise
        except OSError as error:
            raise OSError(error.errno, error.strerror, path) from None
        with suppress(FileExistsError):
            os.mkdir(part, dir_fd=folder)
            self.made.append(Place(folder, part))
            os.fsync(folder)
        return self._hold(os.open(part, _FOLDER, dir_fd=folder))

    def _hold(self, descriptor: int) -> int:
        self._open.callback(os.close, descriptor)
        return descriptor

    def _outside(self, path: str, linked: int = 0) -> DefinitionError:
        where = "the folder" if self.root == "." else self.root
        hint = "a link on the way leads there: move it away" if linked else ""
        return DefinitionError(Diagnostic("PK031", "error", f"{path} would lie outside of {where}", hint, Source(path)))


def _link(name: str, folder: int) -> str | None:
    """Where a link leads, or None for what is no link or isn't there."""
    try:
        if not stat.S_ISLNK(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            return None
        return os.readlink(name, dir_fd=folder)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno == ENOTDIR:
            return None
        raise
