"""Pipelines of two pushes at the same time, on the rendered files: their blocks, their locks, and their order."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from pipelinekit.backend.emit import emit
from tests.engines import two_runs
from tests.engines.two_runs import LONG, NEWER, OLDER, PATIENCE, PUSH, Said, Turns, began, interleaves, overlaps

from . import conformance, project
from .happenings import Event, event
from .programs import Network
from .runner import Runner, Running
from .server import Server

BLOCK = ("migrate-production", "warm", "deploy-production", "verify-production")
STAGING = ("deploy-staging", "verify-staging")
PRODUCTION = ("deploy-production", "verify-production")

Edit = Callable[[str], str]


def as_rendered(text: str) -> str:
    return text


def without_groups(text: str) -> str:
    edited, times = re.subn(r"(?m)^ +resource_group: .*\n", "", text)
    assert times or "resource_group" not in text
    return edited


def play(root: Path, name: str, hold: Mapping[str, str], edit: Edit = as_rendered, *, ordered: bool = True) -> tuple[Said, list[str]]:
    """Both pipelines to their ends: what their commands have said, and how the pipelines ended. Not `ordered`: without the groups' mode."""
    patience = PATIENCE if edit is as_rendered and ordered else LONG
    plan = two_runs.plan(name, conformance())
    ground = two_runs.laid(root, plan, conformance())
    turns = Turns(ground, hold, patience)
    files = {path: edit(text) for path, text in emit(turns.put(plan), "gitlab").files.items()}
    settings = project.of(ground.setup)
    if not ordered:
        assert settings.modes
        settings.modes.clear()
    server = Server(files, settings, ground)
    first = event(ground, settings, files, PUSH)
    assert first is not None
    sha = ground.commits["newer"]
    second = Event(sha, first.ref, {**first.predefined, "CI_COMMIT_SHA": sha}, first.protected, first.changed, first.inputs)
    pushed = [server.push(each) for each in (first, second)]
    work(server, Runner(server, Network(ground), name))
    return turns.said(), [each.status for each in pushed if each is not None]


def work(server: Server, runner: Runner) -> None:
    """Runners for all jobs, and a person who approves at once."""
    running: list[Running] = []
    while server.ready() or server.manual() or running:
        for job in server.manual():
            server.play(job)
        for job in server.ready():
            server.start(job)
            running.append(runner.start(job))
        over = [each for each in running if each.process.poll() is not None]
        for each in over:
            running.remove(each)
            server.finish(each.job, runner.wait(each))
        if not over:
            time.sleep(0.005)


MEET = {f"{OLDER} migrate-production": f"{NEWER} migrate-production in?", f"{OLDER} warm": f"{NEWER} warm in?"}
"""The older run waits inside of its block for the newer one to come into it."""


def test_blocks_of_one_environment_never_interleave(tmp_path: Path) -> None:
    said, ended = play(tmp_path, "block", MEET)
    assert ended == ["success", "success"]
    assert began(said, "verify-production") == [OLDER, NEWER]
    assert not interleaves(said, *BLOCK)


def test_without_its_resource_group_a_block_interleaves(tmp_path: Path) -> None:
    said, _ = play(tmp_path, "block", MEET, without_groups)
    assert interleaves(said, *BLOCK)


TRAINS = {
    f"{OLDER} train-a": f"{NEWER} train-a in?",
    f"{NEWER} train-a": f"{OLDER} train-a in?",
    f"{OLDER} train-b": f"{NEWER} train-b in?",
}


@pytest.mark.parametrize(("edit", "apart"), [(as_rendered, True), (without_groups, False)])
def test_jobs_of_one_lock_never_overlap(tmp_path: Path, edit: Edit, *, apart: bool) -> None:
    said, ended = play(tmp_path, "lock", TRAINS, edit)
    assert ended == ["success", "success"]
    assert len(began(said, "train-a") + began(said, "train-b")) == 4
    assert overlaps(said, "train-a", "train-b") is not apart


LATE = {f"{OLDER} test": f"{NEWER} verify-production out?"}
"""The older run is slow before its deliveries."""


def test_an_older_delivery_never_comes_over_a_newer_one(tmp_path: Path) -> None:
    """Oldest first: the newer one waits for it, at each environment."""
    said, ended = play(tmp_path, "staging-gate-production", LATE)
    assert ended == ["success", "success"]
    assert said.index((NEWER, "test", "out")) < said.index((OLDER, "test", "out"))
    assert began(said, "deploy-staging") == began(said, "deploy-production") == [OLDER, NEWER]
    assert not interleaves(said, *STAGING)
    assert not interleaves(said, *PRODUCTION)


def test_without_their_order_an_older_delivery_comes_last(tmp_path: Path) -> None:
    """The groups alone keep no order: it is the set-up step that does."""
    said, _ = play(tmp_path, "staging-gate-production", LATE, ordered=False)
    assert began(said, "deploy-production") == [NEWER, OLDER]
    assert not interleaves(said, *PRODUCTION)
