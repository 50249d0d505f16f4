"""A night, and nights that go wrong."""

import datetime as dt
import json
from pathlib import Path

import pytest
from papermill import PapermillExecutionError

from scores import config, fresh, nightly

DAY = dt.date(2024, 2, 2)


@pytest.fixture
def settings(tmp_path: Path) -> config.Settings:
    return config.Settings(environment="test", folder=tmp_path, patients=20)


def test_a_good_night(settings: config.Settings) -> None:
    assert nightly.run(settings, DAY) == []
    assert {path.name for path in (settings.folder / "2024-02-02").iterdir()} == {
        "metrics.json",
        "score.ipynb",
        "scores.csv",
    }
    newest = settings.folder / "newest.csv"
    assert len(newest.read_text().splitlines()) == 21
    assert fresh.problem(newest, DAY) is None
    assert "is of 2024-02-02, not of 2024-02-03" in str(fresh.problem(newest, dt.date(2024, 2, 3)))


def test_a_cell_that_fails_leaves_the_notebook(settings: config.Settings) -> None:
    broken = config.Settings(environment="test", folder=settings.folder, patients=-569)
    with pytest.raises(PapermillExecutionError, match="ValueError"):
        nightly.run(broken, DAY)
    left = json.loads((settings.folder / "2024-02-02/score.ipynb").read_text())
    assert any(out["output_type"] == "error" for cell in left["cells"] for out in cell.get("outputs", []))
    assert not (settings.folder / "newest.csv").exists()


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("2024-02-02,1,1.5", '"maximum" is "1"'),
        ("2024-02-02,1,", '"required" is "True"'),
        ("soon,1,0.5", 'type is "date'),
        ("2024-02-02,0,0.5", '"minimum" is "1"'),
    ],
)
def test_bad_scores_are_told(tmp_path: Path, row: str, problem: str) -> None:
    (tmp_path / "scores.csv").write_text(f"run_date,patient,score\n{row}\n")
    [found] = nightly.problems(tmp_path / "scores.csv")
    assert problem in found


def test_what_is_wrong_never_becomes_the_newest(settings: config.Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "problems", lambda _: ["bad"])
    assert nightly.run(settings, DAY) == ["bad"]
    assert not (settings.folder / "newest.csv").exists()
