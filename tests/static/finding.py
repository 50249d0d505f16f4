"""What is looked at, and what is found there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Literal, TypeAlias, cast

Files = Mapping[str, str]
Shell: TypeAlias = Literal["sh", "bash"]


@dataclass(frozen=True)
class Script:
    """A script as a shell of the engine reads it. `options` are what the engine starts the shell with (`-e`)."""

    where: str
    text: str
    shell: Shell = "sh"
    options: str = "-e"


@dataclass(frozen=True)
class Finding:
    """A rule that an emitted file breaks, and where; `line` is the script's line that does."""

    rule: str
    where: str
    what: str
    line: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.rule}: {self.what}"


@dataclass(frozen=True)
class Linter:
    """How one system's files are looked at. `scripts` finds every script in them, `rules` what is wrong besides; `linters` are
    other people's programs by name, each with why it can't run here (or None) and what it finds.
    """

    scripts: Callable[[Files], Iterable[Script]]
    rules: Callable[[Files], Iterable[Finding]]
    linters: Mapping[str, tuple[Callable[[], str | None], Callable[[Files], Iterable[Finding]]]]


def linter(target: str) -> Linter:
    """The LINTER of `tests/static/<target>.py`."""
    return cast("Linter", import_module(f"tests.static.{target}").LINTER)
