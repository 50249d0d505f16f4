"""Tasks that may run at the same time do, whichever is quicker: none ends before those that are on their way have begun."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE = 3.0
"""Seconds that a task waits for its neighbours at most."""
MOMENT = 0.02
"""Seconds that a process takes to its first command."""


class Meeting:
    """Who is on the way to a task is told by thread: one is added before any of those that may run beside it starts."""

    def __init__(self) -> None:
        self._coming: set[threading.Thread] = set()
        self._running = 0
        self._last = 0.0
        self._changed = threading.Condition()

    def coming(self, *threads: threading.Thread) -> None:
        """They will begin a task, or not."""
        with self._changed:
            self._coming.update(threads)

    @contextmanager
    def expected(self) -> Iterator[None]:
        """This thread will begin a task, or not."""
        self.coming(threading.current_thread())
        try:
            yield
        finally:
            self.gone()

    def begun(self) -> None:
        """A task's process has started, to which this thread was on its way."""
        self._last = time.monotonic()
        with self._changed:
            self._running += 1
        self.gone()

    def over(self) -> None:
        """A task's process has ended: wait until nobody is on the way any more, and all have had a moment, if anybody is there."""
        with self._changed:
            self._running -= 1
            if not self._coming and not self._running:
                return
            self._changed.wait_for(lambda: not self._coming, PATIENCE)
        time.sleep(max(0.0, self._last + MOMENT - time.monotonic()))

    def gone(self, *threads: threading.Thread) -> None:
        """They, or else this thread, are on their way no more."""
        with self._changed:
            self._coming.difference_update(threads or (threading.current_thread(),))
            self._changed.notify_all()

    @contextmanager
    def instead(self, *threads: threading.Thread) -> Iterator[None]:
        """This thread waits for these, and if it was on its way, is so again after them."""
        this = threading.current_thread()
        was = this in self._coming
        self.coming(*threads)
        self.gone(this)
        try:
            yield
        finally:
            self.gone(*threads)
            if was:
                self.coming(this)
