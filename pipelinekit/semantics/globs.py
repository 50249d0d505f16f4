"""Globs of branches, tags and changed files: `*` stays within a part between slashes, `**` crosses them, and a part `**/` may be no part at all."""

import re
from functools import cache

_TOKEN = re.compile(r"(?:^|(?<=/))\*\*/|\*\*|\*|[^*]+")


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    pieces = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
    return re.compile("".join(pieces.get(token) or re.escape(token) for token in _TOKEN.findall(glob)), re.DOTALL)


def matches(glob: str, text: str) -> bool:
    """Whether the whole text matches."""
    return bool(_pattern(glob).fullmatch(text))
