"""The service without a database."""

from typing import Any

import pytest
import sklearn
from fastapi.testclient import TestClient

from price import config, model
from price.api import create_app


def client(fitted: model.Model, *, price_range: bool = False) -> TestClient:
    settings = config.load("test").model_copy(update={"toggles": config.Toggles(price_range=price_range)})
    return TestClient(create_app(settings, fitted))


def test_healthz(fitted: model.Model) -> None:
    assert client(fitted).get("/healthz").json() == {"status": "ok"}


def test_version(fitted: model.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PRICE_COMMIT", "abc")
    expected = {"commit": "abc", "environment": "test", "scikit-learn": sklearn.__version__}
    assert client(fitted).get("/version").json() == expected


def test_predict(fitted: model.Model, wine: dict[str, float]) -> None:
    expected = {"price": round(fitted.price(wine), 2), "currency": "EUR"}
    assert client(fitted).post("/predict", json=wine).json() == expected


def test_predict_with_the_range_on(fitted: model.Model, wine: dict[str, float]) -> None:
    said = client(fitted, price_range=True).post("/predict", json=wine).json()
    assert said["high"] - said["low"] == pytest.approx(2 * 1.96 * fitted.error, abs=0.02)


@pytest.mark.parametrize("change", [{"hue": None}, {"hue": -1}, {"hue": "red"}, {"alcohol": 100}, {"sulphates": 1}])
def test_wrong_measurements_are_refused(fitted: model.Model, wine: dict[str, float], change: dict[str, Any]) -> None:
    assert client(fitted).post("/predict", json=wine | change).status_code == 422


def test_without_a_database_it_does_not_start(fitted: model.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(LookupError, match="predictions are logged in production"):
        create_app(config.load("production"), fitted)


def test_a_database_that_does_not_answer_is_told(fitted: model.Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://price@127.0.0.1:1/price")
    assert TestClient(create_app(config.load("production"), fitted)).get("/healthz").status_code == 503
