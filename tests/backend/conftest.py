"""Register a backend for one test, through the same door as any other."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from pipelinekit.backend import Backend, registry

Register = Callable[[Backend[Any]], None]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    def add(backend: Backend[Any]) -> None:
        module = ModuleType("pipelinekit_fake")
        module.backend = backend  # type: ignore[attr-defined]  # a module made here
        points = {**registry.entry_points(), backend.name: "pipelinekit_fake:backend"}
        monkeypatch.setitem(sys.modules, "pipelinekit_fake", module)
        monkeypatch.setattr(registry, "entry_points", lambda: points)

    return add
