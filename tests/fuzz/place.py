"""A place of an engine's file that a text of the definition goes to, and who reads it there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TypeAlias

from pipelinekit.backend import Limit
from pipelinekit.backend.registry import entry_points

Carried: TypeAlias = "str | bytes | Limit | None"
"""What comes out of a place: the text as it arrived, the limit by which the backend refuses it, None when the engine can't read the file."""

Carry: TypeAlias = Callable[[Sequence[str]], Sequence[Carried]]


@dataclass(frozen=True)
class Place:
    """`carry` writes each text as our backend does, has the engine's own code read what was written, and gives back what that code
    hands on, in the same order. It may raise for a batch that can't be read as a whole; the harness then tries smaller ones.
    `missing` says why the reader can't run on this machine, or None.
    """

    engine: str
    name: str
    reader: str
    carry: Carry
    missing: Callable[[], str | None] = lambda: None
    batch: int = 1_000
    """Texts that are carried at once."""

    def __str__(self) -> str:
        return f"{self.engine}: {self.name}"


def places(engines: Sequence[str] = ()) -> list[Place]:
    """The places of these engines, or of all: of YAML's readers, of the shell, and of each backend that there is."""
    known = ["yaml", "shell", *entry_points()]
    found: list[Place] = []
    for engine in engines or known:
        if engine not in known:
            raise ValueError(f"there is no engine {engine!r}: choose from {', '.join(known)}")
        found += import_module(f"tests.fuzz.{engine}").PLACES
    return found
