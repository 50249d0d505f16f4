"""`$NAME`, `${NAME}` and the shell's forms `${_NAME:0:8}`, as the service fills them in before a build starts.

"Substituting variable values" (cloud.google.com/build/docs/configuring-builds/substitute-variable-values): `$$` is a dollar; a build
that a trigger starts is ALLOW_LOOSE, so an unknown name is empty there and an error elsewhere; triggers' builds may use the
shell's forms ("bash parameter expansions"), others only with `dynamicSubstitutions`. Lower-case names, `$(…)` and `$1` pass through.
The pattern is that of Google's local builder (`subst/subst.go`, `unbracedKeyRE` and `bracedKeyRE`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import translate
from typing import Any

_PIECE = re.compile(r"\$\$|\$\{([A-Z_][A-Z0-9_]*)([^}]*)\}|\$([A-Z_][A-Z0-9_]*)")
_SLICE = re.compile(r":(-?\d+|\s-\d+)(?::(\d+))?")

BUILT_IN = (
    "PROJECT_ID", "PROJECT_NUMBER", "LOCATION", "BUILD_ID", "TRIGGER_NAME", "TRIGGER_BUILD_CONFIG_PATH", "SERVICE_ACCOUNT",
    "SERVICE_ACCOUNT_EMAIL", "COMMIT_SHA", "REVISION_ID", "SHORT_SHA", "BRANCH_NAME", "TAG_NAME", "REF_NAME", "REPO_NAME", "REPO_FULL_NAME",
)  # fmt: skip
"""Names that every build has; empty where they say nothing."""


OF_PULL_REQUESTS = ("_HEAD_BRANCH", "_BASE_BRANCH", "_HEAD_REPO_URL", "_PR_NUMBER")
"""Names of builds of pull requests. They too are "default substitutions", whose values are the event's and hold no names."""


class Unknown(ValueError):
    """A name that no substitution has, in a build that must match; or a form that the service doesn't know."""


def expand(text: str, values: Mapping[str, str], *, loose: bool, dynamic: bool) -> str:
    """`text` as the build gets it.

    Raises:
        Unknown: the service refuses the build.
    """

    def piece(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        name, form = match[1] or match[3], match[2] or ""
        if name not in values and not loose:
            raise Unknown(f'key in the template "{name}" is not a valid built-in substitution')
        if form and not dynamic:
            raise Unknown(f"{match[0]} needs dynamicSubstitutions")
        return _formed(values.get(name, ""), form) if form else values.get(name, "")

    return _PIECE.sub(piece, text)


def resolved(values: Mapping[str, str], *, loose: bool, dynamic: bool) -> dict[str, str]:
    """Substitutions that name others, filled in; built-in ones are values already. Raises Unknown."""
    own = {name: text for name, text in values.items() if name.startswith("_") and name not in OF_PULL_REQUESTS}
    found = {name: text for name, text in values.items() if name not in own}

    def value(name: str, above: tuple[str, ...]) -> str:
        if name in above:
            raise Unknown(f"{name} is made of itself")
        if name not in found:
            inner = {other: value(other, (*above, name)) for other in names(own[name]) if other in values}
            found[name] = expand(own[name], inner, loose=loose, dynamic=dynamic) if dynamic else own[name]
        return found[name]

    for name in own:
        value(name, ())
    return found


def names(text: str) -> list[str]:
    """The names that a text asks for."""
    return [match[1] or match[3] for match in _PIECE.finditer(text) if match[1] or match[3]]


def everywhere(node: Any, values: Mapping[str, str], *, loose: bool, dynamic: bool) -> Any:
    """All texts of a tree filled in."""
    if isinstance(node, str):
        return expand(node, values, loose=loose, dynamic=dynamic)
    if isinstance(node, list):
        return [everywhere(each, values, loose=loose, dynamic=dynamic) for each in node]
    if isinstance(node, dict):
        return {key: everywhere(each, values, loose=loose, dynamic=dynamic) for key, each in node.items()}
    return node


def _formed(value: str, form: str) -> str:
    """The shell's forms that the documentation lists: slices, prefixes and suffixes, replacing, upper and lower case."""
    if part := _SLICE.fullmatch(form):
        start = int(part[1])
        return value[start:][: int(part[2])] if part[2] else value[start:]
    if form[0] == "/":
        whole = form.startswith("//")
        old, _, new = form[2 if whole else 1 :].partition("/")
        pattern = re.compile(_glob(old))
        return pattern.sub(lambda _: new, value, count=0 if whole else 1)
    if form in ("^^", ",,", "^", ","):
        change = str.upper if form[0] == "^" else str.lower
        return change(value) if len(form) == 2 else change(value[:1]) + value[1:]
    if form[0] in "#%":
        return _cut(value, form)
    if form.startswith(":-"):
        return value or form[2:]
    raise Unknown(f"the form {form!r} is not one of the service's")


def _cut(value: str, form: str) -> str:
    """`#`, `##`: the shortest or longest prefix away; `%`, `%%`: the suffix."""
    longest = form[:2] in ("##", "%%")
    pattern = re.compile(_glob(form[2:] if longest else form[1:]))
    ends = range(len(value) + 1) if form[0] == "#" else range(len(value), -1, -1)
    for end in reversed(ends) if longest else ends:
        part, rest = (value[:end], value[end:]) if form[0] == "#" else (value[end:], value[:end])
        if pattern.fullmatch(part):
            return rest
    return value


def _glob(text: str) -> str:
    return translate(text).removesuffix(r"\Z").removesuffix(r"\z")
