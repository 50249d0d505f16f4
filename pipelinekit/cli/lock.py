"""`pipelinekit lock`: ask registries for digests, once, so that rendering needs no network and nobody's later push counts."""

import os
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from pipelinekit import files
from pipelinekit.backend import registry as backends
from pipelinekit.backend.emit import images
from pipelinekit.check import check as findings
from pipelinekit.cli import say
from pipelinekit.cli.definition import failed, read
from pipelinekit.cli.table import table
from pipelinekit.diagnostics import DefinitionError, nearest
from pipelinekit.lock import file as lock_file
from pipelinekit.lock.registry import Registry
from pipelinekit.lock.resolve import resolve
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.pins import moving


def lock(*, file: str, targets: Sequence[str], names: Sequence[str], update: bool, check: bool, insecure: Sequence[str]) -> int:
    """Write the lock, or with `check` compare it with what registries say now. Returns the exit code."""
    chosen = list(dict.fromkeys(targets)) or list(backends.entry_points())
    unknown = [name for name in chosen if name not in backends.entry_points()]
    if unknown:
        print(f"there is no target {unknown[0]!r}: choose from {', '.join(backends.entry_points())}", file=sys.stderr)
        return 2
    if check and update:
        print("--check writes nothing and --update does: name one", file=sys.stderr)
        return 2
    if names and not update:
        print(f"images are named with --update: pipelinekit lock --update {' '.join(names)}", file=sys.stderr)
        return 2
    try:
        plan = read(file)
        found = findings(plan)
        old = lock_file.read(lock_file.place(file))
        say.lines(found)
        if failed(found):
            return 1
        wanted = _wanted(plan, chosen)
        ask = Registry(insecure=insecure).digest
        if check:
            return _check(wanted, old or {}, ask)
        asked = _asked(wanted, old or {}, names) if update else [image for image in wanted if image not in (old or {})]
        return 2 if asked is None else _write(file, wanted, old, asked, ask)
    except DefinitionError as error:
        say.lines(error.diagnostics)
        return 1


def _wanted(plan: Plan, targets: Iterable[str]) -> list[str]:
    """Every image that a lock holds: those of the stages, and those that the targets' files name."""
    wanted = dict.fromkeys(moving(plan))
    for target in targets:
        named = images(plan, target)
        if named is None:
            print(f"{target}: can't render this definition, so the lock holds none of its own images", file=sys.stderr)
        wanted.update(dict.fromkeys(named or ()))
    return sorted(wanted)


def _asked(wanted: Sequence[str], old: Mapping[str, str], names: Sequence[str]) -> list[str] | None:
    """The images of these names, with or without their tags, and those that are new. None for a name that there is not."""
    for name in names:
        if not any(_is(name, image) for image in wanted):
            print(f"no file names the image {name!r}: {nearest(name, wanted)}", file=sys.stderr)
            return None
    return [image for image in wanted if image not in old or not names or any(_is(name, image) for name in names)]


def _is(name: str, image: str) -> bool:
    return image == name or image.startswith(f"{name}:")


def _write(file: str, wanted: Collection[str], old: Mapping[str, str] | None, asked: Sequence[str], ask: Callable[[str], str]) -> int:
    known = old or {}
    found, problems = resolve(asked, ask)
    for problem in problems:
        print(problem, file=sys.stderr)
    path = lock_file.place(file)
    if problems:
        print(f"{path}: nothing written", file=sys.stderr)
        return 1
    new = {image: found.get(image) or known[image] for image in wanted}
    rows = [row for image in sorted({*known, *new}) if (row := _row(image, known.get(image), new.get(image)))]
    if rows:
        table(("IMAGE", "CHANGE", "DIGEST"), rows, styles={"added": "green", "moved": "yellow", "dropped": "red"})
    written = files.write(os.path.dirname(file) or ".", {lock_file.NAME: lock_file.written(new)}, force=True)
    print(f"{path}: {_count(new)}{'' if written else ' (unchanged)'}")
    return 0


def _row(image: str, old: str | None, new: str | None) -> tuple[str, str, str] | None:
    if old == new:
        return None
    if old is None:
        return image, "added", new or ""
    return (image, "dropped", old) if new is None else (image, "moved", f"{old} → {new}")


def _check(wanted: Sequence[str], old: Mapping[str, str], ask: Callable[[str], str]) -> int:
    missing = [image for image in wanted if image not in old]
    asked = [image for image in wanted if image in old]
    found, problems = resolve(asked, ask)
    for problem in (*(f"{image}: not in the lock; run pipelinekit lock" for image in missing), *problems):
        print(problem, file=sys.stderr)
    moved = [(image, "moved", f"{old[image]} → {digest}") for image, digest in found.items() if digest != old[image]]
    if moved:
        table(("IMAGE", "CHANGE", "DIGEST"), moved, styles={"moved": "yellow"})
    print(f"{_count(asked)} looked at, {len(moved)} moved since the lock was written")
    return 1 if moved or missing or problems else 0


def _count(several: Collection[str]) -> str:
    return "1 image" if len(several) == 1 else f"{len(several)} images"
