"""envsubst v1.0.3 as the Drone runner uses it: over the whole text of the file, comments included.

`$$` is a dollar, `\\\\` and `\\/` lose their backslash even where no `$` is near, `${NAME}` is replaced and unknown
names are empty; `$NAME` without braces is left to the shell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import translate

_PIECE = re.compile(r"\$\$|\\\\|\\/|\$\{")
_NAME = re.compile(r"#?[A-Za-z0-9_]+")
_OPERATORS = ("^^", "^", ",,", ",", "##", "#", "%%", "%", "//", "/#", "/%", "/", ":=", ":-", "=", ":")


class BadSubstitution(ValueError):
    """The runner stops here: `missing closing brace` or `bad substitution`."""


def expand(text: str, values: Mapping[str, str]) -> str:
    """`text` as the runner reads it.

    Raises:
        BadSubstitution: a `${…}` that envsubst does not know.
    """
    return "".join(_pieces(text, values))


def literal(text: str) -> str:
    """The exact inverse: what to write so that `expand` gives `text`."""
    return text.replace("\\", "\\\\").replace("$", "$$")


def names(text: str) -> list[str]:
    """The variables that `text` asks envsubst for.

    Raises:
        BadSubstitution: a `${…}` that envsubst does not know.
    """
    asked = _Asked()
    expand(text, asked)
    return list(asked.names)


class _Asked(dict[str, str]):
    """Values that remember their names."""

    def __init__(self) -> None:
        super().__init__()
        self.names: dict[str, None] = {}

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        self.names[key] = None
        return default


def _pieces(text: str, values: Mapping[str, str]) -> Iterator[str]:
    position = 0
    while match := _PIECE.search(text, position):
        yield text[position : match.start()]
        if match[0] == "${":
            value, position = _function(text, match.end(), values)
            yield value
        else:
            yield match[0][1]
            position = match.end()
    yield text[position:]


def _function(text: str, start: int, values: Mapping[str, str]) -> tuple[str, int]:
    """One `${…}` whose inside begins at `start`: its value, and where the text goes on."""
    name = _NAME.match(text, start)
    if not name:
        raise BadSubstitution(f"bad substitution: {text[start - 2 : start + 20]!r}")
    argument, end = _argument(text, name.end(), values)
    if name[0].startswith("#"):
        return str(len(values.get(name[0][1:], ""))), end
    return _apply(values.get(name[0], ""), argument), end


def _argument(text: str, start: int, values: Mapping[str, str]) -> tuple[str, int]:
    """The text up to the closing brace, inner `${…}` expanded."""
    found, position = "", start
    while position < len(text):
        if text[position] == "}":
            return found, position + 1
        if text.startswith("${", position):
            value, position = _function(text, position + 2, values)
            found += value
        else:
            found += text[position]
            position += 1
    raise BadSubstitution(f"missing closing brace: {text[start - 2 : start + 20]!r}")


def _apply(value: str, argument: str) -> str:
    if not argument:
        return value
    operator = next((known for known in _OPERATORS if argument.startswith(known)), None)
    if operator is None:
        raise BadSubstitution(f"bad substitution: {argument[:20]!r}")
    rest = argument[len(operator) :]
    if operator in ("=", ":=", ":-"):
        return value or rest
    if operator in ("^^", "^", ",,", ","):
        return _case(value, operator)
    if operator == ":":
        return _slice(value, rest)
    return _trim(value, operator, rest) if operator[0] in "#%" else _replace(value, operator, rest)


def _case(value: str, operator: str) -> str:
    changed = value.upper() if operator[0] == "^" else value.lower()
    return changed if len(operator) == 2 else changed[:1] + value[1:]


def _slice(value: str, rest: str) -> str:
    """`:offset` or `:offset:length`."""
    offset, _, length = rest.partition(":")
    if not offset.strip().isdigit() or (length and not length.strip().isdigit()):
        raise BadSubstitution(f"bad substitution: {rest[:20]!r}")
    return value[int(offset) :][: int(length)] if length else value[int(offset) :]


def _trim(value: str, operator: str, pattern: str) -> str:
    """The shortest (`#`, `%`) or longest (`##`, `%%`) match of a glob less, at the front or the back."""
    matches = re.compile(translate(pattern)).match
    cuts = range(len(value) + 1) if len(operator) == 1 else range(len(value), -1, -1)
    for cut in cuts:
        if operator[0] == "#" and matches(value[:cut]):
            return value[cut:]
        if operator[0] == "%" and matches(value[len(value) - cut :]):
            return value[: len(value) - cut]
    return value


def _replace(value: str, operator: str, rest: str) -> str:
    old, _, new = rest.partition("/")
    if operator == "/#":
        return new + value[len(old) :] if value.startswith(old) else value
    if operator == "/%":
        return value[: len(value) - len(old)] + new if value.endswith(old) else value
    return value.replace(old, new, 1 if operator == "/" else -1)
