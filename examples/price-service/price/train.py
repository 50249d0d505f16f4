"""Train: data in; model, metrics and parity file out. The same data and versions give the same bytes."""

import argparse
import json
from dataclasses import replace
from pathlib import Path

from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from sklearn.model_selection import train_test_split

from price import data, model

METRICS = Path("metrics.json")
PARITY = Path("parity.json")


def train(source: Path, target: Path, metrics: Path, parity: Path) -> dict[str, float]:
    """Fit on three quarters of `source`, measure on the rest; errors in EUR.

    `parity` gets five wines of the rest with the prices that this model gives them: a deployed service must say the
    same.
    Raises ValueError when the data is not good enough.
    """
    x, y = data.read(source)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, random_state=0)
    fitted = model.fit(x_train, y_train)
    guess = fitted.prices(x_test)
    found = {
        "mean_absolute_error": round(float(mean_absolute_error(y_test, guess)), 4),
        "root_mean_squared_error": round(float(root_mean_squared_error(y_test, guess)), 4),
        "r2": round(float(r2_score(y_test, guess)), 4),
        "rows": len(x),
    }
    replace(fitted, error=found["root_mean_squared_error"]).save(target)
    metrics.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    wines = [dict(zip(data.FEATURES, row, strict=True)) for row in x_test[:5].tolist()]
    pairs = [{"wine": wine, "price": round(fitted.price(wine), 2)} for wine in wines]
    parity.write_text(json.dumps(pairs, indent=2) + "\n", encoding="utf-8")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m price.train", description="Train the model.")
    parser.add_argument("--data", type=Path, default=data.PATH)
    parser.add_argument("--model", type=Path, default=model.PATH)
    parser.add_argument("--metrics", type=Path, default=METRICS)
    parser.add_argument("--parity", type=Path, default=PARITY)
    chosen = parser.parse_args()
    print(json.dumps(train(chosen.data, chosen.model, chosen.metrics, chosen.parity)))
