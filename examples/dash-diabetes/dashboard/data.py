"""The data, and what is computed from it."""

from functools import cache

import pandas as pd
from sklearn.datasets import load_diabetes
from sklearn.linear_model import LinearRegression

TARGET = "progression"
FEATURES = {
    "age": "age (years)",
    "bmi": "body mass index",
    "bp": "blood pressure (mm Hg)",
    "s1": "total cholesterol (mg/dl)",
    "s2": "LDL (mg/dl)",
    "s3": "HDL (mg/dl)",
    "s4": "cholesterol / HDL",
    "s5": "logarithm of triglycerides",
    "s6": "blood sugar (mg/dl)",
}
"""Columns of scikit-learn's data, with what they measure."""


@cache
def patients() -> pd.DataFrame:
    """442 patients: a column per feature, and how far the disease went within a year."""
    frame: pd.DataFrame = load_diabetes(as_frame=True, scaled=False).frame
    return frame.rename(columns={"target": TARGET})[[*FEATURES, TARGET]]


@cache
def _fitted() -> LinearRegression:
    frame = patients()
    return LinearRegression().fit(frame[list(FEATURES)], frame[TARGET])


def forecast(**measured: float) -> float:
    """Progression of one patient. What isn't measured is taken to be as in the median patient.

    Raises KeyError for a measurement that is none of FEATURES.
    """
    if unknown := measured.keys() - FEATURES.keys():
        raise KeyError(", ".join(sorted(unknown)))
    patient = patients()[list(FEATURES)].median().to_dict() | measured
    return float(_fitted().predict(pd.DataFrame([patient])[list(FEATURES)])[0])
