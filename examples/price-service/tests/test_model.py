"""The model learns, says the same twice, and is checked."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import sklearn
from conftest import DATA, ROOT

from price import gate, model
from price.train import train


def test_training_is_deterministic(trained: Path, tmp_path: Path) -> None:
    train(DATA, tmp_path / "model.joblib", tmp_path / "metrics.json", tmp_path / "parity.json")
    for file in trained.iterdir():
        assert file.read_bytes() == (tmp_path / file.name).read_bytes()


def test_more_alcohol_costs_more(fitted: model.Model, wine: dict[str, float]) -> None:
    assert fitted.price(wine | {"alcohol": wine["alcohol"] + 1}) > fitted.price(wine)


def test_a_model_of_another_scikit_learn_is_refused(trained: Path, tmp_path: Path) -> None:
    old = tmp_path / "old.joblib"
    version = sklearn.__version__.encode()
    old.write_bytes((trained / "model.joblib").read_bytes().replace(version, b"0" + version[1:]))
    with pytest.raises(Warning, match="unpickle"):
        model.load(old)


def test_the_trained_model_is_good_enough(trained: Path) -> None:
    assert gate.check(trained / "metrics.json") is None


@pytest.mark.parametrize("error", [gate.MAX_ERROR + 0.01, float("nan")])
def test_a_bad_model_is_not(tmp_path: Path, error: float) -> None:
    metrics = tmp_path / "metrics.json"
    metrics.write_text(json.dumps({"mean_absolute_error": error}))
    command = [sys.executable, "-m", "price.gate", str(metrics)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, f"{error} EUR" in done.stderr) == (1, True)
