"""The model: a ridge regression that says what a bottle should cost."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import joblib
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from price.data import FEATURES, Array

PATH = Path(__file__).with_name("model.joblib")
"""Inside the package, so that a wheel is code, configuration and model of one commit."""


@dataclass(frozen=True)
class Model:
    """A fitted regression and its error: the root mean square on wines it has not seen, in EUR."""

    regression: Any
    error: float = 0.0

    def prices(self, x: Array) -> Array:
        """Prices in EUR of wines, a row each."""
        return cast("Array", self.regression.predict(x))

    def price(self, wine: Mapping[str, float]) -> float:
        """Price in EUR of one wine."""
        return float(self.regression.predict([[wine[name] for name in FEATURES]])[0])

    def save(self, path: Path = PATH) -> None:
        """Write the model; the same model gives the same bytes."""
        joblib.dump(self, path)


def fit(x: Array, y: Array) -> Model:
    """Learn prices `y` in EUR from features `x`."""
    return Model(make_pipeline(StandardScaler(), Ridge()).fit(x, y))


def load(path: Path = PATH) -> Model:
    """Read a model that this project wrote.

    Raises FileNotFoundError, and InconsistentVersionWarning as an error when another scikit-learn has written it.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", InconsistentVersionWarning)
        return cast("Model", joblib.load(path))
