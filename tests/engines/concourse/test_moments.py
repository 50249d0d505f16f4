"""Schedules: the time resource, asked once a minute, finds a moment for each that the cron line means, within the hour after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from pipelinekit_concourse import schedule

from .moments import is_due

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTES = [MONDAY + timedelta(minutes=minute) for minute in range(14 * 24 * 60)]


def found(source: dict[str, Any]) -> list[datetime]:
    """The moments of two weeks; there has just been one."""
    moments: list[datetime] = []
    previous = MONDAY - timedelta(minutes=1)
    for now in MINUTES:
        if is_due(source, previous, now):
            moments.append(now)
            previous = now
    return moments


@pytest.mark.parametrize(
    ("cron", "hour", "minute", "weekdays"),
    [
        ("30 3 * * *", 3, 30, range(7)),
        ("0 5 * * 1", 5, 0, [0]),
        ("45 22 * * 1-5", 22, 45, range(5)),
        ("15 23 * * *", 23, 15, range(7)),
        ("30 23 * * 0,6", 23, 30, [5, 6]),
        ("0 0 * * 7", 0, 0, [6]),
    ],
)
def test_a_time_of_day_comes_once_within_the_hour_after_it(cron, hour, minute, weekdays):
    meant = [now for now in MINUTES if (now.hour, now.minute) == (hour, minute) and now.weekday() in weekdays]
    moments = found(schedule.source(cron) or {})
    assert len(moments) == len(meant)
    assert all(timedelta(0) <= moment - wanted < timedelta(hours=1) for moment, wanted in zip(moments, meant, strict=True))


@pytest.mark.parametrize(("cron", "apart"), [("*/15 * * * *", 15), ("0 * * * *", 60), ("30 */6 * * *", 360)])
def test_an_interval_is_kept(cron, apart):
    moments = found(schedule.source(cron) or {})
    assert {after - before for before, after in pairwise(moments)} == {timedelta(minutes=apart)}


def test_hours_of_days_bound_an_interval():
    moments = found(schedule.source("0 9-17 * * 1-5") or {})
    assert len(moments) == 10 * 9
    assert all(9 <= moment.hour < 18 and moment.weekday() < 5 for moment in moments)


def test_the_first_moment_is_the_first_that_fits():
    """`PreviousTime.IsZero`: a resource that is new doesn't wait for its next interval."""
    assert is_due({"interval": "24h"}, None, MONDAY)
    assert not is_due({"start": "3:00", "stop": "4:00"}, None, MONDAY)
