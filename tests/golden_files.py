"""Golden files are the rendered files themselves, byte for byte, beside the definition that they come from."""

from __future__ import annotations

from pathlib import Path

from syrupy.data import SnapshotCollections
from syrupy.extensions.single_file import SingleFileSnapshotExtension
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

from tests.golden_cases import GOLDEN

DIAGNOSTICS = "diagnostics.txt"


class Golden(SingleFileSnapshotExtension):
    """`text.encode() == golden(name="CASE/PATH")` is the file tests/golden/CASE/PATH.

    Syrupy is told of no files that it might call unused and delete: definitions stand in the same folders, and
    `test_nothing_is_left_over` says which files no case renders.
    """

    @classmethod
    def get_location(cls, *, test_location: PyTestLocation, index: SnapshotIndex) -> str:
        return str(GOLDEN / str(index))

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        return Path(snapshot_location).is_relative_to(GOLDEN)

    def discover_snapshots(self, *, test_location: PyTestLocation, ignore_extensions: list[str] | None = None) -> SnapshotCollections:
        return SnapshotCollections()


def written(case: str) -> dict[str, Path]:
    """The golden files of a case that there are, by their path in it."""
    folder = GOLDEN / case
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }
