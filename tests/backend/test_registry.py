"""Backends come through their entry point."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pytest

from pipelinekit.backend import registry
from pipelinekit.backend.support import Case, cases
from pipelinekit.model.features import FEATURES


def test_it_says_what_importlib_says() -> None:
    assert registry.entry_points() == {point.name: point.value for point in sorted(entry_points(group=registry.GROUP))}


def test_a_strangers_backend_is_found_on_the_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "stranger-1.0.dist-info"
    folder.mkdir()
    (folder / "entry_points.txt").write_text(
        "[console_scripts]\nx = y:z\n\n[pipelinekit.backends]\n# a comment = not an entry\nbuildkite = stranger.bk:backend\n\n[other]\na = b\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    registry.entry_points.cache_clear()
    try:
        assert registry.entry_points()["buildkite"] == "stranger.bk:backend"
        assert "a" not in registry.entry_points() and "x" not in registry.entry_points()
        assert list(registry.entry_points()) == sorted(registry.entry_points())
    finally:
        monkeypatch.undo()
        registry.entry_points.cache_clear()


def test_without_folders_importlib_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = registry.entry_points()
    monkeypatch.setattr(registry, "_entry_point_files", lambda folder: [])
    registry.entry_points.cache_clear()
    assert registry.entry_points() == expected


@pytest.mark.parametrize("name", registry.entry_points())
def test_every_table_is_whole(name: str) -> None:
    """Each feature has an entry, its last without a condition; a reason where it is not native, a hint where it is refused."""
    backend = registry.load(name)
    assert backend.name == name
    assert set(backend.table) == set(FEATURES)
    for feature, entry in backend.table.items():
        *conditional, general = cases(entry)
        assert all(isinstance(case, Case) and case.text for case in conditional), feature
        assert not isinstance(general, Case), feature
    assert backend.docs.startswith("https://")
    assert all(not path.startswith("/") for path in backend.files)


def test_an_unknown_name_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        registry.load("nobody")


def test_a_door_that_leads_to_none(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("no_backend")
    module.backend = "not one"  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "no_backend", module)
    monkeypatch.setattr(registry, "entry_points", lambda: {"x": "no_backend:backend"})
    with pytest.raises(TypeError, match="no_backend:backend is no pipelinekit backend"):
        registry.load("x")
