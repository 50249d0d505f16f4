"""GitLab's `rules:if` language: `$VAR` alone, `==`, `!=`, `=~`, `!~`, `&&` before `||`, and parentheses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

Values = Mapping[str, str | None]

_TOKEN = re.compile(
    r"\s*(?:(?P<variable>\$[A-Za-z_]\w*)|(?P<text>\"[^\"]*\"|'[^']*')|(?P<pattern>/(?:\\.|[^/\\])+/i?)"
    r"|(?P<null>null\b)|(?P<operator>==|!=|=~|!~|&&|\|\||\(|\)))"
)


class BadExpression(ValueError):
    """GitLab would answer `invalid expression syntax`."""


@dataclass(frozen=True)
class Test:
    """One variable, alone or compared; `right` is the other side as it is written."""

    __test__ = False

    variable: str
    operator: str = ""
    right: str = ""

    def holds(self, values: Values) -> bool:
        left = values.get(self.variable)
        if not self.operator:
            return bool(left)
        if self.operator in ("==", "!="):
            return (left == _value(self.right, values)) == (self.operator == "==")
        return _matches(self.right, left, values) == (self.operator == "=~")

    def tests(self) -> Iterator[Test]:
        yield self


@dataclass(frozen=True)
class Joined:
    """`&&` (all) or `||` (any) of its parts."""

    parts: tuple[Expression, ...]
    every: bool

    def holds(self, values: Values) -> bool:
        return (all if self.every else any)(part.holds(values) for part in self.parts)

    def tests(self) -> Iterator[Test]:
        for part in self.parts:
            yield from part.tests()


Expression = Test | Joined


def _value(written: str, values: Values) -> str | None:
    if written == "null":
        return None
    return values.get(written[1:]) if written.startswith("$") else written[1:-1]


def _matches(written: str, left: str | None, values: Values) -> bool:
    if left is None:
        return False
    pattern = written if written.startswith("/") else _value(written, values) or ""
    if not re.fullmatch(r"/.+/i?", pattern):
        return pattern in left
    body, _, flags = pattern[1:].rpartition("/")
    return re.search(body, left, re.IGNORECASE if flags else 0) is not None


@cache
def parse(text: str) -> Expression:
    """The expression in `text`.

    Raises:
        BadExpression: it is not one, with the place.
    """
    tokens = _tokens(text)
    found, rest = _either(tokens)
    if rest:
        raise BadExpression(f"{rest[0]!r} is not expected in {text!r}")
    return found


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    while text[position:].strip():
        match = _TOKEN.match(text, position)
        if not match:
            raise BadExpression(f"{text[position:].strip()[:20]!r} is not understood in {text!r}")
        found.append(match[0].strip())
        position = match.end()
    return found


def _either(tokens: list[str]) -> tuple[Expression, list[str]]:
    part, tokens = _every(tokens)
    parts = [part]
    while tokens[:1] == ["||"]:
        part, tokens = _every(tokens[1:])
        parts.append(part)
    return (parts[0] if len(parts) == 1 else Joined(tuple(parts), every=False)), tokens


def _every(tokens: list[str]) -> tuple[Expression, list[str]]:
    part, tokens = _one(tokens)
    parts = [part]
    while tokens[:1] == ["&&"]:
        part, tokens = _one(tokens[1:])
        parts.append(part)
    return (parts[0] if len(parts) == 1 else Joined(tuple(parts), every=True)), tokens


def _one(tokens: list[str]) -> tuple[Expression, list[str]]:
    if tokens[:1] == ["("]:
        inner, rest = _either(tokens[1:])
        if rest[:1] != [")"]:
            raise BadExpression("a parenthesis is not closed")
        return inner, rest[1:]
    if not tokens or not tokens[0].startswith("$"):
        raise BadExpression(f"a variable is expected, not {tokens[0] if tokens else 'the end'!r}")
    if tokens[1:2] and tokens[1] in ("==", "!=", "=~", "!~"):
        return _comparison(tokens), tokens[3:]
    return Test(tokens[0][1:]), tokens[1:]


def _comparison(tokens: list[str]) -> Test:
    variable, operator, right = tokens[0][1:], tokens[1], "".join(tokens[2:3])
    if not right or right in ("&&", "||", "(", ")", "==", "!=", "=~", "!~"):
        raise BadExpression(f"nothing to compare ${variable} with")
    if operator in ("==", "!=") and right.startswith("/"):
        raise BadExpression(f"{right} needs =~ or !~")
    if operator in ("=~", "!~"):
        _check_pattern(right)
    return Test(variable, operator, right)


def _check_pattern(right: str) -> None:
    if right.startswith("/"):
        body = right[1:].rpartition("/")[0]
        if len(body) < 2:
            raise BadExpression(f"{right} has one character")
        try:
            re.compile(body)
        except re.error as error:
            raise BadExpression(f"{right}: {error}") from None
    elif not right.startswith("$"):
        raise BadExpression(f"{right} is compared as a part of the text, not as an expression")
