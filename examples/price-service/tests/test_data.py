"""The data is what it says, and bad data is refused."""

from pathlib import Path

import pytest
from conftest import DATA

from price import data


def test_the_tracked_file_is_the_one_that_the_module_writes(tmp_path: Path) -> None:
    data.write(tmp_path / "wine.csv")
    assert (tmp_path / "wine.csv").read_bytes() == DATA.read_bytes()


def test_shape() -> None:
    x, y = data.read(DATA)
    assert x.shape == (178, len(data.FEATURES))
    assert 10 < y.min() < y.max() < 60


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("hue", "tint", "columns are"),
        ("14.23,", "nan,", "not finite"),
        ("14.23,", "-1,", "not positive"),
        ("14.23,", ",", "could not convert"),
    ],
)
def test_bad_data_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(DATA.read_text().replace(old, new, 1))
    with pytest.raises(ValueError, match=message):
        data.read(bad)


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    few = tmp_path / "few.csv"
    few.write_text("".join(DATA.read_text().splitlines(keepends=True)[:50]))
    with pytest.raises(ValueError, match="49 rows"):
        data.read(few)
