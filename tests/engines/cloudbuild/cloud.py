"""gcloud and gsutil, as steps call them: builds, triggers, and the objects of a bucket.

Commands and flags: cloud.google.com/sdk/gcloud/reference/builds and …/storage. What isn't known here ends with 2, as gcloud does
for words that it doesn't know.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from glob import glob
from pathlib import Path

from tests.engines.cloudbuild.builds import Build
from tests.engines.cloudbuild.programs import Answer, Call
from tests.engines.cloudbuild.query import Unread, printed

Run = Callable[[str, str | None, dict[str, str]], str | None]
"""Runs a trigger by its name at a commit with substitutions; the words of an error, or None."""


class Cloud:
    """What gcloud finds: the builds of a region, and buckets as folders."""

    def __init__(self, region: str, buckets: Path, builds: Callable[[], Sequence[Build]], run: Callable[[Call], Run]) -> None:
        self.region = region
        self.buckets = buckets
        self.builds = builds
        self.run = run

    def gcloud(self, call: Call) -> Answer:
        words, options = parsed(call.words[1:])
        match words:
            case ["builds", "list"]:
                return self._in_region(options, lambda: printed([each.resource() for each in self.builds()], options))
            case ["builds", "describe", build]:
                found = [each.resource() for each in self.builds() if each.id == build]
                if not found:
                    return Answer(1, err=f"ERROR: (gcloud.builds.describe) NOT_FOUND: {build}\n")
                return self._in_region(options, lambda: printed(found, options))
            case ["builds", "triggers", "run", name]:
                return self._in_region(options, lambda: self._started(call, name, options))
            case ["storage", "cp", *paths] if len(paths) >= 2:
                return self.copy(call, paths, whole="recursive" in options or "r" in options)
            case ["storage", "ls", *paths]:
                return self.list(paths)
            case _:
                return Answer(2, err=f"ERROR: (gcloud) Invalid choice: {' '.join(words)}\n")

    def gsutil(self, call: Call) -> Answer:
        words, options = parsed(call.words[1:])
        match words:
            case ["cp", *paths] if len(paths) >= 2:
                return self.copy(call, paths, whole="r" in options)
            case ["ls", *paths]:
                return self.list(paths)
            case _:
                return Answer(1, err="CommandException\n")

    def _in_region(self, options: dict[str, str], answer: Callable[[], str]) -> Answer:
        """Builds and triggers are regional: without their region gcloud looks at `global`."""
        if options.get("region", "global") != self.region:
            return Answer(1, err=f"ERROR: (gcloud.builds) NOT_FOUND: nothing is in {options.get('region', 'global')}\n")
        try:
            return Answer(out=answer())
        except (Unread, LookupError, ValueError) as error:
            return Answer(1, err=f"ERROR: (gcloud.builds) {error}\n")

    def _started(self, call: Call, name: str, options: dict[str, str]) -> str:
        problem = self.run(call)(name, options.get("sha"), substitutions(options.get("substitutions", "")))
        if problem:
            raise LookupError(problem)
        return ""

    def copy(self, call: Call, paths: Sequence[str], *, whole: bool) -> Answer:
        """`cp SOURCE… DESTINATION`: wildcards are gcloud's own; a destination that ends in a slash, or a bucket, is a folder."""
        *sources, destination = paths
        target = self.place(call, destination)
        if target is None or any(self.place(call, source) is None for source in sources):
            return Answer(1, err="ERROR: (gcloud.storage.cp) The specified bucket does not exist.\n")
        found = [Path(name) for source in sources for name in sorted(glob(str(self.place(call, source))))]
        if not found or (any(path.is_dir() for path in found) and not whole):
            return Answer(1, err=f"ERROR: (gcloud.storage.cp) The following URLs matched no objects or files: {' '.join(sources)}\n")
        folder = destination.endswith("/") or len(found) > 1 or target.is_dir()
        for path in found:
            to = target / path.name if folder else target
            to.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, to, dirs_exist_ok=True, copy_function=shutil.copyfile)
            else:
                shutil.copyfile(path, to)  # an object has no mode
        return Answer()

    def list(self, paths: Sequence[str]) -> Answer:
        found = [name for path in paths for name in self._objects(path)]
        return Answer(out="".join(f"{name}\n" for name in found)) if found else Answer(1, err="ERROR: matched no objects.\n")

    def _objects(self, path: str) -> Iterator[str]:
        for name in sorted(glob(f"{self.buckets}/{path.removeprefix('gs://')}")):
            yield f"gs://{Path(name).relative_to(self.buckets)}"

    def place(self, call: Call, path: str) -> Path | None:
        """A path of the caller's container, or of a bucket; None for a bucket that there is not."""
        if not path.startswith("gs://"):
            return call.path(path)
        bucket = path.removeprefix("gs://").partition("/")[0]
        return self.buckets / path.removeprefix("gs://") if (self.buckets / bucket).is_dir() else None


def parsed(words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """Words, and flags as `--name=value`, `--name` or `-r`."""
    plain = [word for word in words if not word.startswith("-")]
    flags = (word.lstrip("-").partition("=") for word in words if word.startswith("-"))
    return plain, {name: value for name, _, value in flags}


def substitutions(text: str) -> dict[str, str]:
    """`_A=b,_C=d`, or with another delimiter, `^::^_A=b::_C=d` (`gcloud topic escaping`). Raises ValueError."""
    between = ","
    if text.startswith("^"):
        between, _, text = text[1:].partition("^")
    pairs = [part.partition("=") for part in text.split(between)] if text else []
    for name, equal, _ in pairs:
        if not equal or not name:
            raise ValueError(f"argument --substitutions: Bad syntax for dict arg: [{name}]")
    return {name: value for name, _, value in pairs}
