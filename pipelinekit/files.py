"""Emitted files on disk: written whole or not at all, only below their folder, and never over somebody else's."""

import os
from collections.abc import Mapping

from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.model.plan import Source
from pipelinekit.text.header import is_ours


def write(root: str, files: Mapping[str, str], *, force: bool = False) -> list[str]:
    """Write each file below `root` and return the paths whose bytes changed.

    All are written beside their places first, then moved into them. Raises DefinitionError when a file at one of the
    places isn't ours (unless `force`), when a place lies outside of `root`, or when the disk says no.
    """
    changed = [path for path, text in files.items() if read(root, path) != text]
    foreign = [path for path in changed if not force and not _may_replace(root, path)]
    if foreign:
        raise DefinitionError(*(_not_ours(path) for path in foreign))
    staged: list[tuple[str, str]] = []
    try:
        for path in changed:
            staged += [_stage(root, path, files[path])]
        while staged:
            os.replace(*staged[0])
            staged.pop(0)
    except OSError as error:
        raise DefinitionError(_failed(error, root)) from None
    finally:
        for temporary, _ in staged:
            os.unlink(temporary)
    return changed


def read(root: str, path: str) -> str | None:
    """The text at a place, or None when there is no file. Bytes that aren't UTF-8 count as different text."""
    try:
        with open(os.path.join(root, path), encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
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


def _may_replace(root: str, path: str) -> bool:
    text = read(root, path)
    return text is None or is_ours(text)


def _stage(root: str, path: str, text: str) -> tuple[str, str]:
    """Write the text beside its place; return the temporary file and the place."""
    place = os.path.join(root, path)
    base = os.path.realpath(root)
    folder = os.path.realpath(os.path.dirname(place))
    if os.path.commonpath([base, folder]) != base:
        raise DefinitionError(Diagnostic("PK031", "error", f"{path} would lie outside of {root}", "", Source(path)))
    os.makedirs(folder, exist_ok=True)
    temporary = os.path.join(folder, f".{os.path.basename(path)}.{os.getpid()}.tmp")
    try:
        with open(temporary, "x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
    return temporary, os.path.join(folder, os.path.basename(path))


def _not_ours(path: str) -> Diagnostic:
    return Diagnostic(
        "PK1409", "error", f"{path} exists and wasn't written by pipelinekit", "move it away, or render with --force", Source(path)
    )


def _failed(error: OSError, root: str) -> Diagnostic:
    name = os.path.relpath(error.filename, root) if isinstance(error.filename, str) else root
    return Diagnostic("PK031", "error", f"can't read or write {name}: {error.strerror}", "", Source(name))
