"""The server of tests that need no event but a push to trunk."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelinekit.semantics.scenario import Happening
from tests.engines.drone.rig import Server, ground_for


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return ground_for(tmp_path, Happening())
