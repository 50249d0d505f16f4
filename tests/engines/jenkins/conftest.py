"""One JVM for the tests of a module, and a ground for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.jenkins import Jenkins
from tests.engines.jenkins.by_hand import Player
from tests.readers import engines, jenkins


@pytest.fixture(scope="module")
def engine() -> Iterator[Jenkins]:
    engines.require(jenkins.available())
    made = Jenkins()
    yield made
    made.close()


@pytest.fixture
def player(tmp_path: Path, engine: Jenkins) -> Player:
    return Player(tmp_path, engine)
