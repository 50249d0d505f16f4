"""The dashboard: callbacks as the functions that they are, the layout through the web server's test client."""

import importlib
import json

import pytest
from dash import Dash
from flask.testing import FlaskClient

from dashboard import app, config


def made(*, forecast_tab: bool) -> Dash:
    return app.create_app(
        config.Settings(environment="test", title="Test", points=50, toggles=config.Toggles(forecast_tab=forecast_tab))
    )


@pytest.fixture(params=[False, True], ids=["forecast_tab off", "forecast_tab on"])
def toggle(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def client(toggle: bool) -> FlaskClient:  # noqa: FBT001  # a fixture
    tested: FlaskClient = made(forecast_tab=toggle).server.test_client()
    return tested


def test_the_page_is_served(client: FlaskClient) -> None:
    assert "<title>Test</title>" in client.get("/").text


def test_a_tab_that_is_off_is_nowhere(client: FlaskClient, toggle: bool) -> None:  # noqa: FBT001  # a fixture
    assert ("Forecast" in client.get("/_dash-layout").text) == toggle
    assert ("told.children" in client.get("/_dash-dependencies").text) == toggle


def test_every_callback_finds_its_components(client: FlaskClient) -> None:
    layout = client.get("/_dash-layout").text
    for callback in json.loads(client.get("/_dash-dependencies").text):
        for place in (*callback["inputs"], {"id": callback["output"].partition(".")[0]}):
            assert f'"id":"{place["id"]}"' in layout


def test_choosing_a_feature_draws_it(client: FlaskClient) -> None:
    asked = {
        "output": "chart.figure",
        "outputs": {"id": "chart", "property": "figure"},
        "inputs": [{"id": "feature", "property": "value", "value": "bp"}],
        "changedPropIds": ["feature.value"],
    }
    said = client.post("/_dash-update-component", json=asked).get_json()
    assert said["response"]["chart"]["figure"]["layout"]["xaxis"]["title"]["text"] == "blood pressure (mm Hg)"


def test_healthz(client: FlaskClient, toggle: bool) -> None:  # noqa: FBT001  # a fixture
    said = client.get("/healthz").get_json()
    assert said.pop("commit")
    assert said == {"environment": "test", "toggles": {"forecast_tab": toggle}}


def test_the_chart_shows_as_many_patients_as_it_may() -> None:
    points, line = app.chart("bmi", 50).data
    assert len(points.x) == 50
    assert line.y[0] < line.y[1], "the heavier, the worse"


def test_what_the_forecast_says() -> None:
    assert app.told(None, None) == app.told(25.7, 93)
    assert app.told(40, 93) != app.told(20, 93)


def test_the_server_is_that_of_app_env(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "staging")
    assert app.server().test_client().get("/healthz").get_json()["environment"] == "staging"


def test_the_object_that_servers_ask_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_ENV", "dev")
    assert isinstance(importlib.import_module("dashboard.wsgi").app, Dash)
