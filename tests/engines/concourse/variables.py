"""`((name))`: what Concourse puts in its place, and when it can't (`vars/template.go`, `atc/exec/build_vars.go`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .pipeline import StepError

_LETTER = r"(?:[-/.\d_]|[^\W\d_])"
PATTERN = re.compile(rf"\(\(((?:{_LETTER}+:)?(?:[:@\"]|{_LETTER})+)\)\)")
"""Letters of any script, digits, and `-/._`; a source before a colon. There is no escape."""

MISSING = object()


@dataclass
class Scope:
    """The local variables of a build, or of one value of an `across` step, and the keys of the credential manager."""

    secrets: Mapping[str, str]
    local: dict[str, Any] = field(default_factory=dict)
    outer: Scope | None = None

    def inner(self) -> Scope:
        return Scope(self.secrets, {}, self)

    def look(self, source: str, path: str, fields: list[str]) -> Any:
        """The value of a variable, or MISSING. Raises StepError where a field is asked of what has none."""
        if source == ".":
            found = self.local.get(path, MISSING)
            if found is MISSING and self.outer is not None:
                return self.outer.look(source, path, fields)
        elif source:
            raise StepError(f"unknown var source: {source}")
        else:
            found = self.secrets.get(path, MISSING)
        for name in fields if found is not MISSING else ():
            if not isinstance(found, dict) or name not in found:
                raise StepError(f"expected to find a map key {name!r} in {path}")
            found = found[name]
        return found


def interpolate(node: Any, scope: Scope, *, all_known: bool = True) -> Any:
    """The data with every variable in its place. Raises StepError: `undefined vars`, unless some may stay."""
    missing: dict[str, None] = {}
    found = _node(node, scope, missing)
    if missing and all_known:
        raise StepError(f"undefined vars: {', '.join(sorted(missing))}")
    return found


def _node(node: Any, scope: Scope, missing: dict[str, None]) -> Any:
    if isinstance(node, dict):
        return {_text(key, scope, missing): _node(value, scope, missing) for key, value in node.items()}
    if isinstance(node, list):
        return [_node(value, scope, missing) for value in node]
    return _text(node, scope, missing) if isinstance(node, str) else node


def _text(text: str, scope: Scope, missing: dict[str, None]) -> Any:
    """A text that is one variable keeps the variable's type; within text only texts and whole numbers may stand."""
    for name in names(text):
        value = scope.look(*_reference(name))
        if value is MISSING:
            missing[name] = None
        elif text == f"(({name}))":
            return value
        elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            text = text.replace(f"(({name}))", str(value))
        else:
            raise StepError(f"cannot interpolate non-primitive value ({value!r}) from var: {name}")
    return text


def names(text: str) -> list[str]:
    """The variables in a text, in order."""
    return [match[1] for match in PATTERN.finditer(text)]


def _reference(name: str) -> tuple[str, str, list[str]]:
    """`source:path.field`, where quotes keep a dot from parting (`ParseReference`)."""
    source, colon, rest = name.partition(":") if not name.startswith('"') else ("", "", name)
    if not colon:
        source, rest = "", name
    path, *fields = _segments(rest)
    return source, path, fields


def _segments(text: str) -> list[str]:
    return [part.strip('"') for part in re.findall(r'"[^"]*"|[^."]+', text)]


def strings(data: Any) -> Iterator[str]:
    """Every text of some data, keys too."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(data, list):
        for value in data:
            yield from strings(value)


def coerced(value: Any) -> str:
    """A task's param as the environment holds it (`CoercedString` in `atc/task.go`, after YAML has become JSON)."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
