"""A place of an engine's file that a text of the definition goes to, and who reads it there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TypeAlias

from pipelinekit.backend import Limit
from pipelinekit.backend.emit import emit
from pipelinekit.backend.registry import entry_points, load
from pipelinekit.model.plan import Plan

Carried: TypeAlias = "str | bytes | Limit | None"
"""What comes out of a place: the text as it arrived, the limit by which the backend refuses it, None when the engine can't read the file."""

Carry: TypeAlias = Callable[[Sequence[str]], Sequence[Carried]]


@dataclass(frozen=True)
class Place:
    """`carry` writes each text as our backend does, has the engine's own code read what was written, and gives back what that code
    hands on, in the same order. It may raise for a batch that can't be read as a whole; the harness then tries smaller ones.
    `missing` says why the reader can't run on this machine, or None. `fit` makes a text one that the definition takes there at all (a
    path, a name), or None; what it gives is what must arrive.
    """

    engine: str
    name: str
    reader: str
    carry: Carry
    missing: Callable[[], str | None] = lambda: None
    fit: Callable[[str], str | None] = lambda text: text
    batch: int = 1_000
    """Texts that are carried at once."""

    def __str__(self) -> str:
        return f"{self.engine}: {self.name}"


def refusal(plan: Plan, engine: str) -> tuple[Limit | None, Mapping[str, str]]:
    """The files of a plan of one engine, or the limit by which the backend refuses it.

    Raises ValueError when it is refused for another reason.
    """
    found = emit(plan, engine)
    errors = [each for each in found.diagnostics if each.level == "error"]
    limits = {limit.name: limit for limit in load(engine).limits}
    if any(each.limit is None for each in errors):
        raise ValueError("\n".join(map(str, errors)))
    return (limits[errors[0].limit or ""] if errors else None), found.files


def places(engines: Sequence[str] = ()) -> list[Place]:
    """The places of these engines, or of all: of YAML's readers, of the shell, and of each backend that there is."""
    known = ["yaml", "shell", *entry_points()]
    found: list[Place] = []
    for engine in engines or known:
        if engine not in known:
            raise ValueError(f"there is no engine {engine!r}: choose from {', '.join(known)}")
        found += import_module(f"tests.fuzz.{engine}").PLACES
    return found
