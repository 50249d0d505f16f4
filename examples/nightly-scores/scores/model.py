"""The model: how likely a tumour is to be malignant."""

import pandas as pd
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

MALIGNANT = 0
"""What scikit-learn's data calls it."""


def patients() -> tuple[pd.DataFrame, pd.Series]:
    """569 patients: thirty measurements of each, and whether the tumour was malignant."""
    bunch = load_breast_cancer(as_frame=True)
    return bunch.data, bunch.target == MALIGNANT


def train() -> tuple[Pipeline, dict[str, float]]:
    """The model, fitted on two thirds of the patients, and how well it does on the others."""
    x, y = patients()
    seen, unseen, known, wanted = train_test_split(x, y, test_size=1 / 3, random_state=0, stratify=y)
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(seen, known)
    metrics = {
        "auc": roc_auc_score(wanted, fitted.predict_proba(unseen)[:, 1]),
        "accuracy": accuracy_score(wanted, fitted.predict(unseen)),
    }
    return fitted, {name: round(float(value), 4) for name, value in metrics.items()}


def score(fitted: Pipeline, run_date: str, count: int) -> pd.DataFrame:
    """A row for each of the first `count` patients, of all for 0."""
    x = patients()[0].iloc[: count or None]
    scores = fitted.predict_proba(x)[:, 1].round(4)
    return pd.DataFrame({"run_date": run_date, "patient": x.index + 1, "score": scores})
