"""The text: what envsubst gives back, what Drone's own parsers make of every file."""

from __future__ import annotations

import random

import pytest
from pipelinekit_drone.escape import doubled

from pipelinekit.backend.emit import emit
from pipelinekit.model.value import replace
from tests import golden_cases
from tests.readers import drone, drone_go, envsubst

from .rendered import SHA

PIECES = ("$", "$", "\\", "\\", "/", "{", "}", "$$", "${", "a", ":", "-", "#", " ", "é")


def _texts(count: int) -> list[str]:
    dice = random.Random(7)
    return ["".join(dice.choices(PIECES, k=dice.randint(0, 16))) for _ in range(count)]


def test_doubled_text_comes_back() -> None:
    for text in _texts(20_000):
        assert envsubst.expand(doubled(text), {}) == text


def test_doubled_text_comes_back_from_drones_own_code() -> None:
    texts = _texts(20_000)
    lines = "x: |2\n" + "".join(f"  |{doubled(text)}\n" for text in texts)
    (answer,) = drone_go.ask([lines])
    assert answer["error"] == ""
    assert answer["documents"] == [{"x": "".join(f"|{text}\n" for text in texts)}]


def test_only_what_has_a_meaning_is_doubled() -> None:
    assert doubled(r"$HOME $(id) '\n' $1") == r"$HOME $(id) '\n' $1"
    assert doubled(r"${HOME} $$ \\ \/") == r"$${HOME} $$$ \\\ \\/"


@pytest.mark.parametrize("case", golden_cases.cases())
def test_drones_own_code_reads_what_the_readers_read(case: str) -> None:
    plan = golden_cases.plan(case)
    targets = {**plan.targets, "drone": {"store": "s3://bucket", **plan.targets.get("drone", {})}}
    files = emit(replace(plan, targets=targets), "drone").files
    assert files
    assert drone.problems(files) == []
    (answer,) = drone_go.ask([files[".drone.yml"]], {"DRONE_COMMIT_SHA": SHA})
    assert answer["error"] == ""
    assert answer["text"] == envsubst.expand(files[".drone.yml"], {"DRONE_COMMIT_SHA": SHA})
    assert answer["raw"] == drone.read(files)
    assert answer["documents"] == drone.read({".drone.yml": answer["text"]})
