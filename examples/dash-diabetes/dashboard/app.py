"""The dashboard: `APP_ENV=dev gunicorn "dashboard.app:server()"`."""

from importlib.resources import files
from typing import Any

import plotly.express as px
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from flask import Flask, jsonify
from flask.wrappers import Response

from dashboard import config, data


def commit() -> str:
    """The commit that runs: the one that the pipeline wrote into the wheel, else `unknown`."""
    told = files("dashboard").joinpath("COMMIT")
    return told.read_text(encoding="utf-8").strip() if told.is_file() else "unknown"


def chart(feature: str, points: int) -> go.Figure:
    """Progression over one feature, with the line of least squares."""
    frame = data.patients().head(points)
    figure = px.scatter(frame, x=feature, y=data.TARGET, labels=data.FEATURES, opacity=0.6)
    slope = frame[feature].cov(frame[data.TARGET]) / frame[feature].var()
    ends = [frame[feature].min(), frame[feature].max()]
    line = [frame[data.TARGET].mean() + slope * (end - frame[feature].mean()) for end in ends]
    return figure.add_scatter(x=ends, y=line, mode="lines", showlegend=False)


def told(bmi: float | None, pressure: float | None) -> str:
    """What the forecast says of a patient; numbers that are missing are the median patient's."""
    measured = {name: value for name, value in (("bmi", bmi), ("bp", pressure)) if value is not None}
    return f"Expected progression within a year: {data.forecast(**measured):.0f}"


def _number(name: str) -> html.Label:
    column = data.patients()[name]
    limits: dict[str, Any] = {"min": float(column.min()), "max": float(column.max()), "value": float(column.median())}
    return html.Label([data.FEATURES[name], dcc.Input(id=name, type="number", debounce=True, **limits)])


def _overview() -> html.Div:
    options = [{"label": label, "value": name} for name, label in data.FEATURES.items()]
    return html.Div([dcc.Dropdown(id="feature", options=options, value="bmi", clearable=False), dcc.Graph(id="chart")])


def _forecast() -> html.Div:
    return html.Div([_number("bmi"), _number("bp"), html.P(id="told")])


def create_app(settings: config.Settings) -> Dash:
    """The application of one environment. A feature that is off has neither layout nor callback."""
    app = Dash(__name__, title=settings.title, update_title="")
    tabs = [dcc.Tab(_overview(), label="Overview")]

    @app.callback(Output("chart", "figure"), Input("feature", "value"))
    def show(feature: str) -> go.Figure:
        return chart(feature, settings.points)

    if settings.toggles.forecast_tab:
        tabs.append(dcc.Tab(_forecast(), label="Forecast"))
        app.callback(Output("told", "children"), Input("bmi", "value"), Input("bp", "value"))(told)

    app.layout = html.Main([html.H1(settings.title), dcc.Tabs(tabs)])
    server: Flask = app.server

    @server.get("/healthz")
    def healthz() -> Response:
        toggles = {"forecast_tab": settings.toggles.forecast_tab}
        return jsonify(commit=commit(), environment=settings.environment, toggles=toggles)

    return app


def server() -> Flask:
    """What a web server runs, for the environment of APP_ENV. Raises LookupError when there is none."""
    made: Flask = create_app(config.load()).server
    return made
