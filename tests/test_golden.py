"""Every case on every target is the file that was looked at: `pytest tests/test_golden.py --snapshot-update` writes them, git diff shows them."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from types import ModuleType

import pytest
from syrupy.assertion import SnapshotAssertion

from pipelinekit.backend import registry
from pipelinekit.backend.emit import Emission, emit
from pipelinekit.diagnostics import Diagnostic
from tests.golden_cases import GOLDEN, cases, plan
from tests.golden_files import DIAGNOSTICS, Golden, written
from tests.readers import engines, scalars

TARGETS = tuple(registry.entry_points())


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(Golden)


@cache
def emission(case: str, target: str) -> Emission:
    return emit(plan(case), target)


def line(diagnostic: Diagnostic) -> str:
    """A finding as one line, wherever the repository lies."""
    return str(diagnostic).replace(diagnostic.source.file, diagnostic.source.file.rpartition("/")[2], 1)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", cases())
def test_files(case: str, target: str, golden: SnapshotAssertion) -> None:
    for path, text in emission(case, target).files.items():
        assert text.encode() == golden(name=f"{case}/{path}"), path


@pytest.mark.parametrize("case", cases())
def test_diagnostics(case: str, golden: SnapshotAssertion) -> None:
    said = [line(diagnostic) for target in TARGETS for diagnostic in emission(case, target).diagnostics]
    assert "".join(f"{each}\n" for each in said).encode() == golden(name=f"{case}/{DIAGNOSTICS}")


def test_nothing_is_left_over() -> None:
    """No golden file that no target renders, and no folder that is no case."""
    folders = {path.name for path in GOLDEN.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(cases())
    for case in cases():
        rendered = {path for target in TARGETS for path in emission(case, target).files}
        assert set(written(case)) <= rendered | {"pipeline.py", "pipelinekit.lock", DIAGNOSTICS}, case


def test_every_target_renders_most_cases() -> None:
    """A target that refuses what it should render can't hide behind a golden list of refusals."""
    rendered = {target: sum(emission(case, target).ok for case in cases()) for target in TARGETS}
    assert {target: count for target, count in rendered.items() if count < len(cases()) * 3 // 4} == {}


def test_two_targets_never_write_one_file() -> None:
    for case in cases():
        paths = [path for target in TARGETS for path in emission(case, target).files]
        assert len(paths) == len(set(paths)), case


def reader(target: str) -> ModuleType:
    return importlib.import_module(f"tests.readers.{target}")


def problems(target: str, files: Mapping[str, str]) -> list[str]:
    """What the target's independent reader says against its files."""
    read = reader(target)
    if target != "jenkins":
        found: list[str] = read.problems(files)
        return found
    engines.require(read.available())
    groovy = {path: text for path, text in files.items() if path.rpartition("/")[2].startswith("Jenkinsfile")}
    return [f"{path}: {finding}" for path, text in groovy.items() for finding in read.lint(text)]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", cases())
def test_the_targets_reader_has_nothing_against_it(case: str, target: str) -> None:
    files = emission(case, target).files
    if files:
        assert problems(target, files) == []


@pytest.mark.parametrize("case", cases())
def test_yaml_reads_the_same_in_1_1_and_1_2(case: str) -> None:
    for target in TARGETS:
        assert scalars.problems(emission(case, target).files) == []
