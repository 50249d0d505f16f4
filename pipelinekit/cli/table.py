"""Tables: drawn for a terminal, aligned plain lines for everything else."""

import sys
from collections.abc import Mapping, Sequence

from pipelinekit.cli.say import wants_colour
from pipelinekit.diagnostics import printable


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, styles: Mapping[str, str] | None = None) -> None:
    """Print rows under their columns; `styles` gives cells of that text a colour where there is one."""
    rows = [[printable(cell) for cell in row] for row in rows]
    if wants_colour(sys.stdout):
        _drawn(columns, rows, styles or {})
    else:
        _plain(columns, rows)


def _plain(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[index]) for row in (columns, *rows)) for index in range(len(columns))]
    for row in (columns, *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _drawn(columns: Sequence[str], rows: Sequence[Sequence[str]], styles: Mapping[str, str]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell, style=styles.get(cell, "")) for cell in row))
    Console(highlight=False).print(drawn)
