"""When the time resource finds a new version: `Check` and `LatestRangeBefore` of concourse/time-resource (`lord/time_lord.go`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from .pipeline import seconds

_DAY = timedelta(days=1)


def is_due(source: Mapping[str, Any], previous: datetime | None, now: datetime) -> bool:
    """Whether a check finds a moment, on a day and in the hours that the source names: one an interval, else one a window."""
    days = [str(day)[:3].lower() for day in source.get("days", ())]
    if days and f"{now:%a}".lower() not in days:
        return False
    start, stop = _window(source, now)
    if not start <= now < stop:
        return False
    if previous is None:
        return True
    if "interval" in source:
        return now - previous >= timedelta(seconds=seconds(source["interval"]))
    return previous < start


def _window(source: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    """The last window that began before now; without one, the day."""
    start = _at(now, source.get("start", "0:00"))
    if start > now:
        start -= _DAY
    stop = _at(start, source.get("stop", "0:00"))
    return start, stop if stop > start else stop + _DAY


def _at(day: datetime, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return day.replace(hour=hour, minute=minute, second=0)
