"""Texts that many readers take for something else, in each place that has one, by Drone's own code and a shell."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipelinekit.backend import Limit
from tests.fuzz import shells
from tests.fuzz.drone import PLACES
from tests.fuzz.place import Carried, Place
from tests.readers import engines

WORDS = (
    *("y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "true", "True", "TRUE"),
    *("false", "False", "FALSE", "null", "Null", "NULL", "~", "<<", "=", ".nan", ".NaN", ".inf", "-.INF", "0", "012", "08", "0o17"),
    *("0x1F", "0b1", "1_000", "1e3", "1.", ".5", "+1", "-0", "3.10", "22:30", "1:30.5", "2026-11-24", "2026-11-24T01:02:03Z"),
)
LINES = ("a\tb\t", "\tmake:\n\t\tall\n", "trailing  \n  \n", "\n\nlast\n\n\n", "---\na\n---", "...\na\n...", " # no comment", "%YAML 1.1")
PATTERNS = (
    "$$ ${x} \\\\ \\/ \\",
    "${DRONE_BRANCH}$${DRONE_BRANCH}$$${DRONE_BRANCH}",
    "sed 's/\\//\\\\/g'",
    "{{ x }} ((x)) ${{ x }} $[[ x ]]",
)


def carried(place: Place, texts: Sequence[str]) -> list[Carried]:
    engines.require(place.missing())
    return list(place.carry(list(texts)))


def fits(place: Place, texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(each for each in map(place.fit, texts) if each is not None))


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_words_lines_and_patterns_arrive(place: Place) -> None:
    texts = fits(place, [*WORDS, *LINES, *PATTERNS])
    for text, came in zip(texts, carried(place, texts), strict=True):
        assert came == (text.encode() if isinstance(came, bytes) else text) or (isinstance(came, Limit) and came.name == "list")


@pytest.mark.parametrize("place", [place for place in PLACES if place.name.startswith("variable")], ids=str)
def test_an_empty_variable_is_there_and_empty(place: Place) -> None:
    assert carried(place, [""]) == [b""]


@pytest.mark.parametrize("place", [place for place in PLACES if place.name.startswith("commands")], ids=str)
def test_long_scripts_and_lines_arrive_or_are_refused_by_name(place: Place) -> None:
    line, script = "#" * 65_000, "echo 'a' # \\n\n" * 9_000
    assert carried(place, [line, script]) == [line.encode(), script.encode()]
    found = [
        each.name if isinstance(each, Limit) else None
        for text in ("#" * 100_000, "make\n" * 40_000, "a\rb")
        for each in carried(place, [text])
    ]
    assert found == ["line", "argument", "characters"]


def test_the_shells_are_those_of_images() -> None:
    """Each of the three reads variables and starts scripts."""
    assert {shell for shell in shells.PROGRAMS for place in PLACES if place.name.endswith(shell)} == set(shells.PROGRAMS)
