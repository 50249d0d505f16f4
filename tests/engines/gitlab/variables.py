"""CI/CD variables: what the server puts in for `$NAME`, and what the runner then puts in again.

Both happen to every value that isn't raw, predefined ones too. The server leaves what it doesn't know and what is raw or a
file (gitlab: `Gitlab::Ci::Variables::Collection#sort_and_expand_all` as `Ci::BuildRunnerPresenter#runner_variables` calls it);
the runner expands once more, with Go's `os.Expand`, to nothing where a name is unknown (gitlab-runner: `common/spec/variables.go`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter

_REFERENCE = re.compile(r"\$\$|%%|\$(?P<plain>[a-zA-Z_][a-zA-Z0-9_]*)|\$\{(?P<braced>[a-zA-Z_][a-zA-Z0-9_]*)\}|%(?P<percent>[a-zA-Z_]\w*)%")
"""gitlab: `Gitlab::Ci::Variables::Collection::Item::VARIABLES_REGEXP`."""

_IN_TEXT = re.compile(_REFERENCE.pattern.removeprefix(r"\$\$|%%|"))
"""gitlab: `ExpandVariables::VARIABLES_REGEXP`, which knows no doubled signs."""

_GO_SPECIAL = "*#$@!?-0123456789"


@dataclass(frozen=True)
class Variable:
    """`raw` is `expand: false`; of a `file` the job sees a path."""

    key: str
    value: str
    file: bool = False
    raw: bool = False


Variables = Mapping[str, Variable]


class Circular(Exception):
    """GitLab would answer `circular variable reference detected`."""


def plain(pairs: Mapping[str, str]) -> dict[str, Variable]:
    """Variables that are neither raw nor files."""
    return {key: Variable(key, value) for key, value in pairs.items()}


def declared(block: Mapping[str, object]) -> dict[str, Variable]:
    """`variables:` of a file; numbers and booleans are their text."""
    found = {}
    for key, given in block.items():
        raw = isinstance(given, dict) and given.get("expand") is False
        value = given.get("value", "") if isinstance(given, dict) else given
        found[key] = Variable(key, _text(value), raw=raw)
    return found


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def on_server(variables: Variables) -> dict[str, Variable]:
    """All variables as the server sends them. Raises Circular."""
    wants = {key: [] if each.raw else _mentioned(each.value) for key, each in variables.items()}
    try:
        order = list(TopologicalSorter(wants).static_order())
    except CycleError as error:
        raise Circular(f"circular variable reference detected: {error.args[1]}") from None
    done: dict[str, Variable] = {}
    for key in order:
        if key in variables:
            each = variables[key]
            done[key] = each if each.raw else replace(each, value=_REFERENCE.sub(lambda match: _known(match, done), each.value))
    return {key: done[key] for key in variables}


def _mentioned(value: str) -> list[str]:
    return [name for match in _REFERENCE.finditer(value) if (name := _name(match))]


def _name(match: re.Match[str]) -> str:
    return match["plain"] or match["braced"] or match["percent"] or ""


def _known(match: re.Match[str], done: Variables) -> str:
    found = done.get(_name(match))
    return match[0] if found is None or found.file or found.raw else found.value


def filled(text: str, variables: Variables) -> str:
    """A text of the file in which the server itself puts variables in: to nothing where it knows none (gitlab: `ExpandVariables.expand`)."""
    known = on_server(variables)
    return _IN_TEXT.sub(lambda match: known[_name(match)].value if _name(match) in known else "", text)


def on_runner(variables: Variables, path: Callable[[str], str]) -> dict[str, str]:
    """The environment that the runner exports; `path` says where it puts a file."""

    def value(name: str) -> str:
        if name == "$":
            return "$"
        found = variables.get(name)
        return "" if found is None else path(name) if found.file else found.value

    return {key: path(key) if each.file else each.value if each.raw else expand(each.value, value) for key, each in variables.items()}


def expand(text: str, value: Callable[[str], str]) -> str:
    """Go's `os.Expand`: `$$` is asked for as the name `$`, `$` before anything that can't be a name stays."""
    made, position = "", 0
    while position < len(text):
        if text[position] != "$" or position + 1 == len(text):
            made, position = made + text[position], position + 1
            continue
        name, length = _go_name(text[position + 1 :])
        if name:
            made += value(name)
        elif not length:
            made += "$"
        position += 1 + length
    return made


def _go_name(rest: str) -> tuple[str, int]:
    """Go's `getShellName`: the name and how many characters it takes; none and some for bad syntax, which is eaten."""
    if rest[0] == "{":
        if len(rest) > 2 and rest[1] in _GO_SPECIAL and rest[2] == "}":
            return rest[1], 3
        end = rest.find("}", 1)
        return ("", 1) if end == -1 else ("", 2) if end == 1 else (rest[1:end], end + 1)
    if rest[0] in _GO_SPECIAL:
        return rest[0], 1
    match = re.match(r"[a-zA-Z0-9_]+", rest)
    return (match[0], len(match[0])) if match else ("", 0)


def merged(*parts: Variables | Iterable[Variable]) -> dict[str, Variable]:
    """The last of each name."""
    found: dict[str, Variable] = {}
    for part in parts:
        for each in part.values() if isinstance(part, Mapping) else part:
            found.pop(each.key, None)
            found[each.key] = each
    return found
