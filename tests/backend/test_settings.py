"""Settings of a target: names, types, choices, defaults."""

from __future__ import annotations

from typing import Any

import pytest

from pipelinekit.backend.settings import read
from pipelinekit.model.plan import NOWHERE
from tests.backend.fake import Demanding, Settings


@pytest.mark.parametrize(
    "name, value",
    [("text", "y"), ("yes", True), ("count", 3), ("labels", {"a": "b"}), ("words", ["a"]), ("colour", "blue"), ("bucket", "gs://x")],
)
def test_a_value_that_fits(name: str, value: object) -> None:
    settings, findings = read(Settings, {name: value}, "fake", NOWHERE)
    assert getattr(settings, name) == value
    assert findings == []


@pytest.mark.parametrize(
    "name, value, words",
    [
        ("txt", "y", "there is no setting 'txt'"),
        ("text", 1, "text=1 is not text"),
        ("yes", 1, "yes=1 is not True or False"),
        ("count", True, "count=True is not a whole number"),
        ("count", "3", "count='3' is not a whole number"),
        ("labels", [], "labels=[] is not a dict"),
        ("words", "a", "words='a' is not a list"),
        ("colour", "green", "colour='green' is none of its choices"),
        ("bucket", "", "bucket='' is not text"),
        ("bucket", 3, "bucket=3 is not text"),
        ("bucket", "$(touch pwned)", "bucket: '$(touch pwned)' is no text that it can hold"),
        ("labels", {"a": ["b"]}, "labels: ['b'] is no text"),
        ("labels", {"a b": "b"}, "labels: 'a b' is no text"),
        ("words", ["a", 1], "words: 1 is no text"),
    ],
)
def test_a_value_that_does_not(name: str, value: object, words: str) -> None:
    settings, findings = read(Settings, {name: value}, "fake", NOWHERE)
    assert settings == Settings()
    assert [(found.code, found.target) for found in findings] == [("PK028", "fake")]
    assert words in findings[0].message


def test_defaults_are_not_shared() -> None:
    one, _ = read(Settings, {}, "fake", NOWHERE)
    one.labels["a"] = "b"
    assert read(Settings, {}, "fake", NOWHERE)[0].labels == {}


@pytest.mark.parametrize("given, words", [({}, "project is missing"), ({"project": 3}, "project=3 is not text")])
def test_a_setting_that_must_be_there(given: dict[str, Any], words: str) -> None:
    _, findings = read(Demanding, given, "fake", NOWHERE)
    assert [found.message.partition(": ")[2] for found in findings] == [words]
