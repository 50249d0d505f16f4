"""`python -m tests.bad_input` plays the table and shows each row that ends in something else than what it says."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bad_input import play, rows

if __name__ == "__main__":
    for row in rows():
        with TemporaryDirectory() as folder:
            ended = play(row, Path(folder))
        if (ended.says.strip("\n"), ended.exit) != (row.lines, row.exit) or ended.written:
            print(f"{row.family}: {row.name}\n  exit {ended.exit}, written {sorted(ended.written)}\n{ended.says}")
