"""The part of gcloud's `--filter`, `--sort-by`, `--limit`, `--flatten` and `--format` that steps use.

`gcloud topic filters`, `projections` and `formats` (cloud.google.com/sdk/gcloud/reference/topic/filters): terms joined by AND; `=` on a
list holds when one of its items is equal; `--flatten=steps[]` makes a resource of each step; `csv[no-heading](a, b.c)` and `value(a)`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_TERM = re.compile(r"\s*([A-Za-z_.]+)(=|!=)([^\s]+)\s*")
_FORMAT = re.compile(r"(csv|value)(?:\[(no-heading)\])?\(([^)]*)\)")


class Unread(ValueError):
    """An expression that this part of gcloud doesn't know."""


def printed(resources: Sequence[Mapping[str, Any]], options: Mapping[str, str]) -> str:
    """What gcloud prints of resources. Raises Unread."""
    found = [each for each in resources if _holds(options.get("filter", ""), each)]
    for key in reversed(options.get("sort-by", "").split(",") if options.get("sort-by") else []):
        found.sort(key=lambda each, name=key.removeprefix("~"): str(_at(each, name)), reverse=key.startswith("~"))  # type: ignore[misc]  # noqa: B008  # the name of this round
    if "flatten" in options:
        found = [flat for each in found for flat in _flattened(each, options["flatten"])]
    if "limit" in options:
        found = found[: int(options["limit"])]
    return _formatted(found, options.get("format", ""))


def _holds(expression: str, resource: Mapping[str, Any]) -> bool:
    for term in re.split(r"\s+AND\s+", expression) if expression.strip() else []:
        match = _TERM.fullmatch(term)
        if match is None:
            raise Unread(f"filter {term!r}")
        found = _at(resource, match[1])
        wanted = match[3].strip("\"'")
        equal = wanted in found if isinstance(found, list) else str(found) == wanted
        if equal != (match[2] == "="):
            return False
    return True


def _at(resource: Any, key: str) -> Any:
    for part in key.split("."):
        resource = resource.get(part, "") if isinstance(resource, Mapping) else ""
    return resource


def _flattened(resource: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    if not key.endswith("[]") or "." in key:
        raise Unread(f"flatten {key!r}")
    name = key.removesuffix("[]")
    return [{**resource, name: item} for item in resource.get(name, [])]


def _formatted(found: Sequence[Mapping[str, Any]], text: str) -> str:
    match = _FORMAT.fullmatch(text)
    if match is None:
        raise Unread(f"format {text!r}")
    keys = [key.strip() for key in match[3].split(",")]
    between = "," if match[1] == "csv" else "\t"
    lines = [between.join(keys)] if match[1] == "csv" and not match[2] else []
    lines += [between.join(str(_at(each, key)) for key in keys) for each in found]
    return "".join(f"{line}\n" for line in lines)
