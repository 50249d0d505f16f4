"""Tasks that may run at the same time do, whichever is quicker: none ends before those that are on their way have begun."""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

PATIENCE = 3.0
"""Seconds that a task waits for its neighbours at most."""
MOMENT = 0.02
"""Seconds that a process takes to its first command."""


class Meeting:
    def __init__(self) -> None:
        self._coming: set[Hashable] = set()
        self._running = 0
        self._last = 0.0
        self._changed = threading.Condition()

    @contextmanager
    def expected(self, who: Hashable) -> Iterator[None]:
        """Somebody who will begin a task, or not."""
        with self._changed:
            self._coming.add(who)
        try:
            yield
        finally:
            self._gone(who)

    def begun(self, *who: Hashable) -> None:
        """A task's process has started, on which they were on their way."""
        self._last = time.monotonic()
        with self._changed:
            self._running += 1
        for each in who:
            self._gone(each)

    def over(self) -> None:
        """A task's process has ended: wait until nobody is on the way any more, and all have had a moment, if anybody is there."""
        with self._changed:
            self._running -= 1
            if not self._coming and not self._running:
                return
            self._changed.wait_for(lambda: not self._coming, PATIENCE)
        time.sleep(max(0.0, self._last + MOMENT - time.monotonic()))

    def _gone(self, who: Hashable) -> None:
        with self._changed:
            self._coming.discard(who)
            self._changed.notify_all()
