"""Builds of two pushes at the same time, on the rendered files: their blocks, their locks, and their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.semantics.trace import RunOutcome
from tests.engines import two_runs
from tests.engines.jenkins import Jenkins, conformance
from tests.engines.two_runs import LONG, NEWER, OLDER, PATIENCE, PUSH, Said, Turns, began, interleaves, overlaps

BLOCK = ("migrate-production", "warm", "deploy-production", "verify-production")
STAGING = ("deploy-staging", "verify-staging")
PRODUCTION = ("deploy-production", "verify-production")

Edit = Callable[[str], str]


def as_rendered(text: str) -> str:
    return text


def without_locks(text: str) -> str:
    edited, times = re.subn(r"options \{\s*lock\(resource: '[^']*'\)\s*\}", "", text)
    assert times
    return edited


def without_order(text: str) -> str:
    edited, times = re.subn(r"(?m)^( +)(?:milestone\(ordinal: .*\)|claim '.*')$", r"\1echo 'nobody asks'", text)
    assert times
    return edited


def play(engine: Jenkins, root: Path, name: str, hold: Mapping[str, str], *edits: Edit) -> tuple[Said, list[RunOutcome]]:
    """Both builds to their ends: what their commands have said, and how the builds ended."""
    plan = two_runs.plan(name, conformance())
    ground = two_runs.laid(root, plan, conformance())
    turns = Turns(ground, hold, LONG if edits else PATIENCE)
    files = dict(emit(turns.put(plan), "jenkins").files)
    for edit in edits:
        files["Jenkinsfile"] = edit(files["Jenkinsfile"])
    ended = engine.beside(files, ground, PUSH, [ground.commits["trunk"], ground.commits["newer"]])
    return turns.said(), ended


MEET = {
    f"{NEWER} build": f"{OLDER} migrate-production in",
    f"{OLDER} warm": f"{NEWER} migrate-production in?",
}
"""The older build is the first in the block, and waits there for the newer one to come into it."""


def test_blocks_of_one_environment_never_interleave(engine: Jenkins, tmp_path: Path) -> None:
    said, ended = play(engine, tmp_path, "block", MEET)
    assert ended == ["passed", "passed"], engine.log
    assert began(said, "verify-production") == [OLDER, NEWER]
    assert not interleaves(said, *BLOCK)


def test_without_its_lock_a_block_interleaves(engine: Jenkins, tmp_path: Path) -> None:
    said, _ = play(engine, tmp_path, "block", MEET, without_locks)
    assert interleaves(said, *BLOCK)


TRAINS = {f"{OLDER} train-a": f"{NEWER} train-a in?", f"{NEWER} train-a": f"{OLDER} train-a in?"}


@pytest.mark.parametrize(("edits", "apart"), [((), True), ((without_locks,), False)])
def test_jobs_of_one_lock_never_overlap(engine: Jenkins, tmp_path: Path, edits: tuple[Edit, ...], *, apart: bool) -> None:
    said, ended = play(engine, tmp_path, "lock", TRAINS, *edits)
    assert ended == ["passed", "passed"], engine.log
    assert len(began(said, "train-a") + began(said, "train-b")) == 4
    assert overlaps(said, "train-a", "train-b") is not apart


CASES = [
    ("block", {f"{OLDER} build": f"{NEWER} verify-production out"}, BLOCK),
    ("staging-gate-production", {f"{OLDER} test": f"{NEWER} verify-production out"}, PRODUCTION),
]


@pytest.mark.parametrize(("name", "hold", "block"), CASES)
def test_an_older_delivery_never_comes_over_a_newer_one(
    engine: Jenkins, tmp_path: Path, name: str, hold: Mapping[str, str], block: tuple[str, ...]
) -> None:
    """A milestone, or with several environments the mark of a newer build: the older one ends before its first command there."""
    said, ended = play(engine, tmp_path, name, hold)
    assert ended == ["stopped", "passed"], engine.log
    assert {run for run, job, _ in said if job in (*STAGING, *block)} == {NEWER}


@pytest.mark.parametrize(("name", "hold", "block"), CASES)
def test_without_the_question_an_older_delivery_comes_last(
    engine: Jenkins, tmp_path: Path, name: str, hold: Mapping[str, str], block: tuple[str, ...]
) -> None:
    """The locks alone keep no order."""
    said, ended = play(engine, tmp_path, name, hold, without_order)
    assert ended == ["passed", "passed"], engine.log
    assert began(said, "deploy-production") == [NEWER, OLDER]
    assert not interleaves(said, *block)


BEHIND = {f"{NEWER} test": f"{OLDER} deploy-staging in", f"{OLDER} verify-staging": f"{NEWER} test out"}


def test_a_newer_build_waits_for_the_older_one_in_the_environment(engine: Jenkins, tmp_path: Path) -> None:
    """It is no older delivery then: both come to staging, in their order."""
    said, ended = play(engine, tmp_path, "staging-gate-production", BEHIND)
    assert ended[1] == "passed", engine.log
    assert began(said, "verify-staging") == [OLDER, NEWER]
    assert not interleaves(said, *STAGING)
    assert not interleaves(said, *PRODUCTION)
