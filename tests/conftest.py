"""What all tests share: a definition as text becomes a plan the way a user's does, through a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from pipelinekit.load import load
from pipelinekit.model.plan import Plan

# A busy machine is no finding.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

Define = Callable[[str], Plan]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def define(project: Path) -> Define:
    """The plan of a definition given as text. Raises DefinitionError as `load` does."""

    def plan(text: str) -> Plan:
        (project / "pipeline.py").write_text(text, encoding="utf-8", errors="surrogatepass")
        return load("pipeline.py")

    return plan
