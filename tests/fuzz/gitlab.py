"""Places of this engine."""

from __future__ import annotations

from tests.fuzz.place import Place

PLACES: list[Place] = []
