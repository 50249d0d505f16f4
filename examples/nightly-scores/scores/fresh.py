"""Are these scores of today? `python -m scores.fresh FILE`. Needs the standard library alone."""

import csv
import datetime as dt
import sys
from pathlib import Path


def problem(file: Path, today: dt.date) -> str | None:
    """Why the scores must not be used, None when they may."""
    with file.open(newline="", encoding="utf-8") as lines:
        days = {row["run_date"] for row in csv.DictReader(lines)}
    return (
        None if days == {today.isoformat()} else f"{file} is of {', '.join(sorted(days)) or 'no day'}, not of {today}"
    )


if __name__ == "__main__":
    sys.exit(problem(Path(sys.argv[1]), dt.datetime.now(dt.UTC).date()))
