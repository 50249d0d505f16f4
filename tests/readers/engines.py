"""The rule for tests that need a foreign engine: skipped where it is missing, a failure in CI."""

from __future__ import annotations

import os

import pytest


def require(reason: str | None) -> None:
    """Go on when ``reason`` is None; otherwise skip the test, or fail it where the environment has ``CI=true``.

    A reader's ``available()`` gives the reason. CI installs every engine, so a missing one there is a broken set-up.
    """
    if reason is None:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
