"""The model check: is the trained model good enough to be shipped? Needs the standard library alone."""

import argparse
import json
import sys
from pathlib import Path

MAX_ERROR = 2.5
"""EUR a bottle, mean absolute error: the shop rounds to steps of five."""


def check(metrics: Path, max_error: float = MAX_ERROR) -> str | None:
    """Why the model must not be shipped, None when it may.

    Raises OSError or ValueError when `metrics` can't be read, KeyError when the number is not in it.
    """
    error = float(json.loads(metrics.read_text(encoding="utf-8"))["mean_absolute_error"])
    if error <= max_error:  # false for NaN too
        return None
    return f"mean absolute error is {error} EUR, more than {max_error} EUR"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m price.gate", description="Fail when the model is not good enough.")
    parser.add_argument("metrics", nargs="?", type=Path, default=Path("metrics.json"))
    parser.add_argument("--max-error", type=float, default=MAX_ERROR, help="EUR (default: %(default)s)")
    chosen = parser.parse_args()
    sys.exit(check(chosen.metrics, chosen.max_error))
