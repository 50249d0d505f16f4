"""The escape hatch: mappings merge, None removes, anything else replaces."""

from __future__ import annotations

from typing import Any

import pytest

from pipelinekit.backend import merge


@pytest.mark.parametrize(
    "data, raw, merged",
    [
        ({"a": 1}, None, {"a": 1}),
        ({"a": 1}, {}, {"a": 1}),
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": 1, "b": 2}, {"a": None}, {"b": 2}),
        ({"b": 2}, {"a": None}, {"b": 2}),
        ({"a": {"x": 1, "y": 2}}, {"a": {"y": 3, "z": 4}}, {"a": {"x": 1, "y": 3, "z": 4}}),
        ({"a": {"x": {"y": 1}}}, {"a": {"x": {"y": None}}}, {"a": {"x": {}}}),
        ({"a": 1}, {"a": {"x": 1}}, {"a": {"x": 1}}),
        ({"a": {"x": 1}}, {"a": 1}, {"a": 1}),
    ],
)
def test_merge(data: dict[str, Any], raw: dict[str, Any] | None, merged: dict[str, Any]) -> None:
    before = repr(data)
    assert merge(data, raw) == merged
    assert repr(data) == before


def test_keys_stay_where_they_were_and_new_ones_stand_last() -> None:
    assert list(merge({"b": 1, "a": 2}, {"c": 3, "b": 4})) == ["b", "a", "c"]
