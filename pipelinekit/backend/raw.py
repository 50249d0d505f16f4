"""The escape hatch: what a user says in one system's own words, merged last."""

from collections.abc import Mapping
from typing import Any


def merge(data: dict[str, Any], raw: Mapping[str, Any] | None) -> dict[str, Any]:
    """`data` with `raw` laid over it: mappings merge, anything else replaces, None removes the key."""
    if not raw:
        return data
    merged = dict(data)
    for key, value in raw.items():
        own = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(own, dict):
            merged[key] = merge(own, value)
        else:
            merged[key] = value
    return merged
