"""The text: what envsubst gives back, what Drone's own parsers make of every file."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from pipelinekit_drone import escape
from pipelinekit_drone.escape import doubled

from pipelinekit import Pipeline, Service, on
from pipelinekit.backend.emit import emit
from pipelinekit.model.value import replace
from tests import golden_cases
from tests.engines.drone import program
from tests.fuzz.drone import ask
from tests.readers import drone, drone_go, engines, envsubst

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


def test_text_is_escaped_in_one_place() -> None:
    """No other module of the backend doubles, or knows the pattern of what means something."""
    folder = Path(escape.__file__).parent
    found = [
        path.name
        for path in folder.glob("*.py")
        if re.search(r"""replace\(["'](?:\$|\\\\)|\$\$|DRONE_COMMIT_SHA:""", path.read_text("utf-8"))
    ]
    assert found == ["escape.py"]


def test_the_commit_may_stand_beside_other_text() -> None:
    assert escape.substituted("app:${PK_SHORT_SHA}-a") == "app:${DRONE_COMMIT_SHA:0:8}-a"
    for text in ("$${PK_SHA}", "\\\\${PK_SHA}", "${x}${PK_SHA}$$"):
        seen = envsubst.expand(escape.substituted(text), {"DRONE_COMMIT_SHA": SHA})
        assert seen == text.replace("${PK_SHA}", SHA)


def test_a_word_for_nothing_is_text_for_drone() -> None:
    """`null` and `~`, which its YAML library takes for nothing in quotes too."""
    words = {"NOTHING": "null", "TILDE": "~"}
    assert escape.environment(words) == words
    engines.require(program.built()[1])
    p = Pipeline("service", image="busybox:1.37", triggers=[on.push()])
    p.test("true", variables=words, services=[Service("db", image="postgres:16", port=5432, variables=words)])
    found = {step["name"]: step["environ"] for step in ask(emit(p.plan(), "drone").files[".drone.yml"])["pipelines"][0]["steps"]}
    for name in ("test", "db"):
        assert {key: found[name].get(key) for key in words} == words
