"""The fast half: the failures of the past and five hundred strings in each place; `python -m tests.fuzz` tries more."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pipelinekit.backend import Limit
from tests.fuzz.place import Carried, Place, places
from tests.fuzz.run import run
from tests.fuzz.texts import texts
from tests.readers.engines import require

PLACES = places()
COUNT = 500
MOST_REFUSED = 0.25
"""A backend that refuses more of the strings than this proves little by them."""


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_what_is_written_is_what_arrives(place: Place) -> None:
    require(place.missing())
    result = run(place, COUNT)
    assert not result.wrong, "\n".join(map(str, result.wrong))
    assert result.tried >= COUNT
    assert result.refused.total() <= MOST_REFUSED * result.tried, result.refused


def test_each_engine_has_a_place() -> None:
    assert {place.engine for place in PLACES} >= {"yaml", "shell", "gitlab", "jenkins", "cloudbuild", "drone", "concourse"}


LIMIT = Limit("none", "takes no x", "a test")


def _careless(batch: Sequence[str]) -> list[Carried]:
    """Loses a dollar of two, refuses x, and dies of a backquote."""
    if any("`" in text for text in batch):
        raise ValueError
    return [LIMIT if "x" in text else text.replace("$$", "$") for text in batch]


def test_a_careless_place_is_found_out() -> None:
    result = run(Place("none", "careless", "itself", _careless), 2_000)
    assert {failure.text for failure in result.wrong} <= {"$$", "`"}
    assert result.wrong
    assert result.refused["none"]


def test_the_strings_are_many_and_the_same_each_time() -> None:
    drawn = [text for text, _ in zip(texts(3), range(20_000), strict=False)]
    assert drawn == [text for text, _ in zip(texts(3), range(20_000), strict=False)]
    assert len(set(drawn)) > 15_000
    assert not any("\0" in text for text in drawn)
    assert max(map(len, drawn)) > 1_000
