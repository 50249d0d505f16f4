"""Cron lines as sources of the time resource: a window of the day, days of the week, an interval.

Its README: exact times are out of scope. It reports one version a window, or one an interval, at a moment of its choice.
"""

from typing import Any

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_DAY = 24 * 60
_WINDOW = 60
_SHORTEST = 10


def source(cron: str) -> dict[str, Any] | None:
    """The time resource's source for five cron fields in UTC, or None when the line has no form there."""
    minute, hour, day, month, weekday = cron.split()
    days = _days(weekday)
    if day != "*" or month != "*" or days is None:
        return None
    when = _window(minute, hour, bool(days)) if minute.isdigit() and hour.isdigit() else _interval(minute, hour)
    return None if when is None else when | ({"days": days} if days else {})


def _days(field: str) -> list[str] | None:
    """The names of the days; none of them for every day; None for what isn't days of the week."""
    if field == "*":
        return []
    numbers: set[int] = set()
    for part in field.split(","):
        low, _, high = part.partition("-")
        if not low.isdigit() or (high and not high.isdigit()):
            return None
        numbers.update(number % 7 for number in range(int(low), int(high or low) + 1))
    return [] if len(numbers) == 7 else [_DAYS[number] for number in sorted(numbers)]


def _window(minute: str, hour: str, on_days: bool) -> dict[str, Any] | None:
    """An hour from the wanted time; with days it ends at midnight, since the time after that would belong to the next day."""
    start = int(hour) * 60 + int(minute)
    stop = start + _WINDOW
    if on_days and stop > _DAY:
        if _DAY - start < _SHORTEST:
            return None
        stop = _DAY
    return {"start": _clock(start), "stop": _clock(stop % _DAY)}


def _interval(minute: str, hour: str) -> dict[str, Any] | None:
    """Every so many minutes or hours, in hours of the day when they are a range."""
    every_hours = _step(hour, 24)
    every_minutes = 1 if minute == "*" else _step(minute, 60)
    if minute.isdigit() and (every_hours or hour == "*"):
        return {"interval": f"{every_hours or 1}h"}
    if minute.isdigit():
        return _within({"interval": "1h"}, hour)
    if every_minutes:
        return _within({"interval": f"{every_minutes}m"}, hour)
    return None


def _step(field: str, of: int) -> int | None:
    count = field.removeprefix("*/")
    return int(count) if field != count and count.isdigit() and of % int(count) == 0 else None


def _within(interval: dict[str, Any], hour: str) -> dict[str, Any] | None:
    if hour == "*":
        return interval
    low, dash, high = hour.partition("-")
    if not low.isdigit() or (dash and not high.isdigit()):
        return None
    return interval | {"start": _clock(int(low) * 60), "stop": _clock((int(high or low) + 1) * 60 % _DAY)}


def _clock(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"
