"""Every row of the table: the line and the exit code that it says, at once, and nothing written."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.bad_input import Row, play, rows

ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_row(row: Row, tmp_path: Path) -> None:
    start = time.monotonic()
    ended = play(row, tmp_path)
    assert (ended.says.strip("\n"), ended.exit) == (row.lines, row.exit)
    assert ended.written == {}
    assert "Traceback" not in ended.says
    assert time.monotonic() - start < 15


def test_the_table_is_wide_and_without_doubles() -> None:
    assert len(ROWS) >= 80
    assert len({row.name for row in ROWS}) == len(ROWS)
    assert all(row.exit in (1, 2) for row in ROWS)
