"""Scripts and rules of this engine."""

from __future__ import annotations

from tests.static.finding import Linter

LINTER = Linter(scripts=lambda files: (), rules=lambda files: (), linters={})
