"""What of any text can stand in a place where a definition, git or a form takes less than any text."""

from __future__ import annotations

from collections.abc import Callable

from pipelinekit.authoring import options
from pipelinekit.authoring import texts as authored
from pipelinekit.diagnostics import DefinitionError


def path(text: str) -> str | None:
    """What of a text can be a path of a definition."""
    bad = ",:'\"<>|;&`*?[]{}\\$/!~"
    kept = "".join(each for each in text[:60] if each not in bad and each >= " " and each != "\x7f").strip().strip(".-")
    return _checked(lambda: authored.path(f"out/{kept}", "outputs")) if kept else None


def glob(text: str) -> str | None:
    kept = "".join(each for each in text[:60] if each not in ",:'\"<>|;&`\\$/!~" and each >= " " and each != "\x7f").strip().strip(".-")
    return _checked(lambda: authored.path(f"src/{kept}", "only_if", globs=True)) if kept else None


def _checked(made: Callable[[], str]) -> str | None:
    try:
        return made()
    except DefinitionError:
        return None


def value(text: str) -> str | None:
    """What of a text can be a value of an axis."""
    return "".join(each for each in text if each.isascii() and (each.isalnum() or each in "_.-"))[:30] or None


def question(text: str) -> str | None:
    kept = " ".join(text.replace("$", "").splitlines()).strip()
    return _checked(lambda: options.line(kept)) if kept else None


def help(text: str) -> str | None:
    return " ".join(text.splitlines()) or None


def ref(text: str) -> str | None:
    """What of a text can be a branch: git takes no blanks, control characters, `~^:?*[\\`, `..` and `@{`."""
    kept = "".join(each for each in text[:80] if each > " " and each not in "~^:?*[\\\x7f").replace("..", ".").replace("@{", "")
    return kept.strip("./-") or None


def typed(text: str) -> str | None:
    """What a person can type into a form and the step that asks doesn't refuse: a line without the mark between values."""
    kept = "".join(text[:500].splitlines()).replace("|::", "")
    return kept if kept.strip() and "|::" not in kept else None
