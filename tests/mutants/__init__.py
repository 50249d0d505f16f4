"""Seeded bugs: each backend with one wrong line at a time, and the proof that readers, idiom rules or traces notice it.

`tests/mutants/<target>.py` holds a backend's bugs as `MUTANTS`; `python -m tests.mutants [TARGET …]` prints the score.
Golden files take no part: they would notice every change, right or wrong.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import pytest

from pipelinekit.backend import registry

Patch: TypeAlias = Callable[[pytest.MonkeyPatch], None]

TARGETS = tuple(registry.entry_points())


@dataclass(frozen=True)
class Mutant:
    """A bug in a backend, named by what it does wrong.

    `patch` seeds it (see `patches`); `pipelines` are those of the corpus (or `golden/NAME`) that should notice it, looked
    at first; `why` says what would go wrong at a user's.
    """

    name: str
    patch: Patch
    pipelines: tuple[str, ...] = ()
    why: str = ""


def of(target: str) -> tuple[Mutant, ...]:
    """The bugs seeded into one backend: its own, and those that any could have."""
    own: tuple[Mutant, ...] = importlib.import_module(f"tests.mutants.{target}").MUTANTS
    shared: tuple[Mutant, ...] = importlib.import_module("tests.mutants.letting_out").of(target)
    return (*own, *shared)
