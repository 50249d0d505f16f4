"""Globs. In all of them `*` stays within a part between slashes and `**` crosses them; files have two rules more."""

import re
from functools import cache

_TOKEN = re.compile(r"\*\*|\*|[^*]+")
_FILES = re.compile(r"(?:^|(?<=/))\*\*/|\*\*|\*|[^*]+")
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}


@cache
def _pattern(glob: str, token: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile("".join(_MEANING.get(piece) or re.escape(piece) for piece in token.findall(glob)), re.DOTALL)


def matches(glob: str, text: str) -> bool:
    """Whether the whole name of a branch or tag matches."""
    return bool(_pattern(glob, _TOKEN).fullmatch(text))


def covers(glob: str, path: str) -> bool:
    """Whether a file matches: here a part `**/` may be no part at all, and a glob that ends in `/` means all that lies below."""
    return bool(_pattern(f"{glob}**" if glob.endswith("/") else glob, _FILES).fullmatch(path))
