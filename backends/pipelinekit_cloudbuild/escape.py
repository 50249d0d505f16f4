"""What Cloud Build does to text, and how text is written so that nothing happens to it.

The rules of the service in November 2026. It fills in `$NAME` and `${NAME}` of capitals in a step's name, args, env, dir and
entrypoint, in images, tags and artifacts, and reads `$$` as a dollar (`FindTemplateParameters` in `subst/subst.go` of Google's local
builder 0.5.2, one pass: what was filled in is not looked at again). It passes `options.env` by, so nothing with a dollar stands there.
Builds of triggers also know the shell's forms, as `${_X:0:8}`, and fill in names in the values of user-defined substitutions
("Substituting variable values", `dynamicSubstitutions` in `cloudbuild.proto`). So a dollar that is meant is doubled, which undoes all
of this; a name that is meant has braces. In `script` nothing is filled in, in ids, descriptions and triggers' expressions neither:
text stands there as it is, and the shell's own quoting is all that it needs. `gcloud` splits `--substitutions` at a delimiter that no
value may hold (`gcloud topic escaping`). Expressions of triggers are RE2.
"""

import re
from collections.abc import Iterable, Mapping

from pipelinekit.text.shell import quote

SUBSTITUTIONS = {"PK_SHA": "${COMMIT_SHA}", "PK_SHORT_SHA": "${_PK_SHORT_SHA}"}
"""The facts that may stand in images and tags."""

LONGEST_ENV = 1000
"""Bytes of an env entry `NAME=value` (`maxEnvLength` in `validate/validate.go`); longer values are exported by the scripts."""

_PLACEHOLDER = re.compile(r"\$\{(PK_SHA|PK_SHORT_SHA)\}")
_IN_DOUBLE_QUOTES = re.compile(r'([\\"$`])')


def literal(text: str) -> str:
    """Text that Cloud Build must leave alone: doubling every `$` is the exact inverse of its substitution."""
    return text.replace("$", "$$")


def filled(text: str) -> str:
    """Text outside of a script, with `${PK_SHA}` and `${PK_SHORT_SHA}` as Cloud Build's own names."""
    pieces = _PLACEHOLDER.split(text)
    return "".join(SUBSTITUTIONS[piece] if index % 2 else literal(piece) for index, piece in enumerate(pieces))


def word(text: str) -> str:
    """Text as one word of a script; the facts in it are expanded by the shell."""
    pieces = _PLACEHOLDER.split(text)
    if len(pieces) == 1:
        return quote(text)
    return '"' + "".join(f"${{{p}}}" if index % 2 else _IN_DOUBLE_QUOTES.sub(r"\\\1", p) for index, p in enumerate(pieces)) + '"'


def mentioned(texts: Iterable[str]) -> dict[str, str]:
    """The env entries that words of a script need."""
    found = {name for text in texts for name in _PLACEHOLDER.findall(text)}
    return {name: value for name, value in SUBSTITUTIONS.items() if name in found}


def fits(name: str, text: str) -> bool:
    """Whether a variable can be an env entry."""
    return len(name) + 1 + len(literal(text).encode()) <= LONGEST_ENV


def is_for_all(name: str, text: str) -> bool:
    """Whether a variable can stand in `options.env`, where nothing is filled in and no `$$` becomes a dollar (`subst.go` passes it by)."""
    return fits(name, text) and "$" not in text


def line(text: str) -> str:
    """Text on one line, for a description."""
    return " ".join(text.splitlines())


def comment(text: str) -> str:
    """Text of a comment, which a line break would end; YAML takes no control characters there, and has no way to write them."""
    return "".join(each if each.isprintable() else " " for each in line(text))


def expression(glob: str) -> str:
    """A glob as RE2: `*` stays within a part between slashes, `**` crosses them."""
    parts = (".*" if part == "**" else "[^/]*" if part == "*" else re.escape(part) for part in re.split(r"(\*\*|\*)", glob))
    return "".join(parts).replace(r"\-", "-")


def found(path: str) -> str:
    """The words by which `find` starts at the files of a path or glob. They begin with `./`, since a file may be called `-delete`."""
    if "**" in path:
        return f". -path {quote('./' + path.replace('**/', '*'))}"
    escaped = re.sub(r"[^A-Za-z0-9_./*?\[\]-]", lambda match: "\\" + match[0], path)
    return f"./{escaped}"


def given(values: Mapping[str, str], outsiders: Iterable[str], typed: Iterable[str]) -> tuple[list[str], str]:
    """What `--substitutions=` is followed by, in double quotes, and the lines before it; `values` are the shell's texts by name.

    The variables of `outsiders` and those that people `typed` have their dollars doubled, since names are filled in in values, too.
    No branch, tag or id holds a colon, so none ends a value early; what is typed may be `std::max`, and is refused where it would.
    """
    own = list(typed)
    between = "|::|" if own else "::"
    lines: list[str] = []
    for name in own:
        refused = f"echo '{name} holds {between[:-1]}, which ends a value' >&2; exit 1"
        lines.append(f"case \"${name}\" in *'{between}'* | *'{between[:-1]}') {refused} ;; esac")
    lines += [f"{name}=$(printf %s \"${name}\" | sed 's/[$]/&&/g')" for name in (*outsiders, *own)]
    texts = [f"{name}={text}" for name, text in values.items()]
    return lines, texts[0] if len(texts) == 1 else f"^{between}^" + between.join(texts)
