"""Definitions around each limit of this engine."""

from __future__ import annotations

from tests.backends.breach import Breach

BREACHES: dict[str, Breach] = {}
