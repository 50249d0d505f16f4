"""Settings of every target reach scripts, addresses and the commands that `setup` prints: no text in them is more than a word."""

from __future__ import annotations

from typing import Any

import pytest

from pipelinekit.backend import LINE, registry
from pipelinekit.backend.settings import read
from pipelinekit.model.plan import NOWHERE
from pipelinekit.model.value import Field

HOSTILE = ("$(touch pwned)", "`id`", "a\nid", "a; id", 'a"b', "a'b", "a&b", "<b>", "--flag", "((a))b", "${a}", "a b", "\x1b[2J", "ä")


def _fields() -> list[tuple[str, str, Field]]:
    found = []
    for target in registry.entry_points():
        known: dict[str, Field] = vars(registry.load(target).settings)["__value_fields__"]
        found += [(target, name, field) for name, field in known.items() if not field.metadata["choices"]]
    return found


@pytest.mark.parametrize("target, name, field", [pytest.param(*each, id=f"{each[0]}-{each[1]}") for each in _fields()])
def test_a_text_that_is_more_than_a_word_is_refused(target: str, name: str, field: Field) -> None:
    default: Any = field.default if field.factory is None else field.factory()
    if isinstance(default, bool | int):
        return
    for text in HOSTILE:
        if field.metadata["form"] == LINE and text.isascii() and text.isprintable():
            continue
        value = {"a": text} if isinstance(default, dict) else [text] if isinstance(default, list) else text
        _, findings = read(registry.load(target).settings, {name: value}, target, NOWHERE)
        assert [found.code for found in findings if repr(text) in found.message] == ["PK028"], text


@pytest.mark.parametrize("target, name, field", [pytest.param(*each, id=f"{each[0]}-{each[1]}") for each in _fields()])
def test_examples_and_defaults_are_taken(target: str, name: str, field: Field) -> None:
    default: Any = field.default if field.factory is None else field.factory()
    for value in (default, field.metadata["example"]):
        if value is not None and field.default is not None:
            settings, findings = read(registry.load(target).settings, {name: value}, target, NOWHERE)
            assert getattr(settings, name) == value
            assert not findings


def test_only_what_the_systems_own_file_quotes_is_a_line() -> None:
    wide = [f"{target}: {name}" for target, name, field in _fields() if field.metadata["form"] == LINE]
    assert wide == ["gitlab: tags", "jenkins: label", "jenkins: submitter"]
