"""The data: measurements of 178 wines, and a price for each.

The measurements are scikit-learn's bundled wine recognition data. That data set knows no price: the column `price`
(EUR a bottle) is made here, by a formula and seeded noise, so that there is something to learn. `python -m price.data`
writes the file anew.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_wine

PATH = Path("data/wine.csv")
FEATURES = ("alcohol", "flavanoids", "color_intensity", "hue", "proline")
"""Alcohol in % by volume, flavanoids in g/l, colour intensity and hue as absorbances, proline in mg/l."""

Array = NDArray[np.float64]


def read(path: Path = PATH) -> tuple[Array, Array]:
    """Features (a row a wine, columns as in FEATURES) and prices in EUR.

    Raises ValueError when the file is not good enough to learn from: other columns, fewer than 100 rows, a value that
    is missing, not finite or not positive.
    """
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if header != [*FEATURES, "price"]:
        raise ValueError(f"{path}: columns are {header}")
    values = np.array(rows, dtype=np.float64)
    if len(values) < 100:  # noqa: PLR2004 - said in the docstring
        raise ValueError(f"{path}: {len(values)} rows are too few")
    if not (np.isfinite(values) & (values > 0)).all():
        raise ValueError(f"{path}: a value is missing, not finite or not positive")
    return values[:, :-1], values[:, -1]


def write(path: Path = PATH) -> None:
    """Write the data set as CSV, prices in cents' precision."""
    wine = load_wine()
    columns = [list(wine.feature_names).index(name) for name in FEATURES]
    x: Array = wine.data[:, columns]
    alcohol, flavanoids, color, _, proline = x.T
    noise = np.random.default_rng(178).normal(0, 2, len(x))
    price = 6 + 3 * (alcohol - 11) + 1.2 * flavanoids + 0.4 * color + 0.012 * proline + noise
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*FEATURES, "price"])
        writer.writerows([*row, f"{cost:.2f}"] for row, cost in zip(x.tolist(), price.tolist(), strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m price.data", description="Write the data set.")
    parser.add_argument("path", nargs="?", type=Path, default=PATH)
    write(parser.parse_args().path)
