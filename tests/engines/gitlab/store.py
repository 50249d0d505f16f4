"""Files that outlive a job: artifacts, reports, caches.

gitlab-runner: `commands/helpers/file_archiver.go`, `shells/abstract.go` (`writeUploadArtifacts`, `cacheExtractor`, `archiveCache`).
"""

from __future__ import annotations

import glob
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pipelinekit.testing.ground import git

Spell = Callable[[str], str]
"""Puts variables into a path, as the runner does."""


def collect(tree: Path, patterns: Iterable[str], store: Path) -> list[str]:
    """Copy what the patterns match from a job's tree; folders whole, never git's own, nothing outside of the tree."""
    found = sorted(dict.fromkeys(path for pattern in patterns for path in _matched(tree, pattern)))
    for path in found:
        target = store / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(tree / path, target, follow_symlinks=False)
    return found


def _matched(tree: Path, pattern: str) -> Iterator[str]:
    pattern = os.path.normpath(pattern.removeprefix(f"{tree}/"))
    if pattern.startswith(("/", "..")):
        return
    for path in glob.glob(pattern, root_dir=tree, recursive=True, include_hidden=True):
        whole = tree / path
        inside = [path] if not whole.is_dir() or whole.is_symlink() else [str(each.relative_to(tree)) for each in sorted(whole.rglob("*"))]
        yield from (each for each in inside if ".git" not in Path(each).parts and not (tree / each).is_dir())


def lay(store: Path, tree: Path) -> None:
    """Unpack an archive over a tree."""
    if store.exists():
        shutil.copytree(store, tree, symlinks=True, dirs_exist_ok=True)


def artifacts(entry: Mapping[str, Any], tree: Path, store: Path, spell: Spell, *, passed: bool) -> None:
    """Upload what a job leaves behind: the archive by `when`, reports in any case."""
    about = entry.get("artifacts") or {}
    when = about.get("when", "on_success")
    if when == "always" or (when == "on_success") == passed:
        collect(tree, [spell(path) for path in about.get("paths", [])], store / "archive")
    for kind, paths in about.get("reports", {}).items():
        listed = paths if isinstance(paths, list) else [paths]
        collect(tree, [spell(path) for path in listed], store / "reports" / str(kind))


class Caches:
    """The caches of a project: a folder for each key; those of protected refs are kept apart from all others."""

    def __init__(self, root: Path, *, protected: bool) -> None:
        self.root, self.suffix = root, "protected" if protected else "non_protected"

    def restore(self, entry: Mapping[str, Any], tree: Path, spell: Spell) -> None:
        for cache in _caches(entry):
            if spell(cache.get("policy", "pull-push")) in ("pull", "pull-push"):
                lay(self.root / self._key(cache, tree, spell), tree)

    def save(self, entry: Mapping[str, Any], tree: Path, spell: Spell, *, passed: bool) -> None:
        for cache in _caches(entry):
            when = cache.get("when", "on_success")
            if spell(cache.get("policy", "pull-push")) in ("push", "pull-push") and (when == "always" or (when == "on_success") == passed):
                collect(tree, [spell(path) for path in cache.get("paths", [])], self.root / self._key(cache, tree, spell))

    def _key(self, cache: Mapping[str, Any], tree: Path, spell: Spell) -> str:
        """gitlab: `Gitlab::Ci::Build::Cache#key_from_files`: the last commits of the files, not their bytes."""
        key = cache.get("key", "default")
        if isinstance(key, dict):
            commits = [git(tree, "log", "-1", "--format=%H", "--", spell(path)) for path in key["files"]]
            found = sha256("".join(commits).encode()).hexdigest() if any(commits) else "default"
            key = "-".join([*([spell(key["prefix"])] if "prefix" in key else []), found])
        return f"{spell(str(key)).replace('/', '-')}-{self.suffix}"


def _caches(entry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    given = entry.get("cache") or []
    return given if isinstance(given, list) else [given]
