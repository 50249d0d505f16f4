"""Ruby's `File.fnmatch` with `FNM_PATHNAME | FNM_DOTMATCH | FNM_EXTGLOB`, as `rules:changes` and `rules:exists` call it.

gitlab: `Gitlab::Ci::Build::Rules::Rule::Clause::Changes#match?`. `**` crosses folders only as a whole part before a slash.
"""

from __future__ import annotations

import re
from functools import cache

_TOKEN = re.compile(r"\*\*/|\*+|\?|\[[^]]+\]|\\.|[^*?\[\\]+|.", re.DOTALL)


def fnmatch(glob: str, path: str) -> bool:
    return any(pattern.fullmatch(path) for pattern in _patterns(glob))


@cache
def _patterns(glob: str) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(each) for each in _alternatives(glob))


def _alternatives(glob: str) -> list[str]:
    """`{a,b}` written out."""
    match = re.search(r"\{([^{}]*)\}", glob)
    if not match:
        return [glob]
    head, tail = glob[: match.start()], glob[match.end() :]
    return [found for word in match[1].split(",") for found in _alternatives(head + word + tail)]


def _pattern(glob: str) -> re.Pattern[str]:
    made, begins = "", True
    for token in _TOKEN.findall(glob):
        if token == "**/" and begins:
            made += "(?:[^/]+/)*"
        elif token.startswith("*"):
            made += "[^/]*/" if token.endswith("/") else "[^/]*"
        elif token == "?":
            made += "[^/]"
        elif token.startswith("[") and len(token) > 1:
            made += token.replace("[!", "[^", 1)
        else:
            made += re.escape(token.removeprefix("\\"))
        begins = token.endswith("/")
    return re.compile(made, re.DOTALL)
