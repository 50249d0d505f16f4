"""The service: `uvicorn --factory price.api:create_app`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files

import sklearn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from price import config, db, model


class Wine(BaseModel):
    """Measurements of one wine; units as in `price.data.FEATURES`."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    alcohol: float = Field(gt=0, lt=100)
    flavanoids: float = Field(gt=0)
    color_intensity: float = Field(gt=0)
    hue: float = Field(gt=0)
    proline: float = Field(gt=0)


class Answer(BaseModel):
    """What the wine should cost; 95 of 100 prices lie between low and high."""

    price: float
    currency: str
    low: float | None = None
    high: float | None = None


def commit() -> str:
    """The commit that runs: PRICE_COMMIT, else the one baked into the wheel, else `unknown`."""
    baked = files("price").joinpath("COMMIT")
    return os.environ.get("PRICE_COMMIT") or (baked.read_text().strip() if baked.is_file() else "unknown")


def database(settings: config.Settings) -> Engine | None:
    """The database at DATABASE_URL, None where predictions are not logged.

    Raises LookupError when they are, and the variable is not set.
    """
    if not settings.log_predictions:
        return None
    if not os.environ.get("DATABASE_URL"):
        raise LookupError(f"DATABASE_URL is missing: predictions are logged in {settings.environment}")
    return db.connect(os.environ["DATABASE_URL"])


def answer(wine: Wine, fitted: model.Model, settings: config.Settings) -> Answer:
    """Price of `wine`, with its range where the toggle is on."""
    price = fitted.price(wine.model_dump())
    said = Answer(price=round(price, 2), currency=settings.currency)
    if settings.toggles.price_range:
        said.low, said.high = round(price - 1.96 * fitted.error, 2), round(price + 1.96 * fitted.error, 2)
    return said


def create_app(settings: config.Settings | None = None, fitted: model.Model | None = None) -> FastAPI:
    """The application; settings of APP_ENV and the packaged model unless given.

    Raises LookupError when APP_ENV or DATABASE_URL is missing, and what `price.model.load` raises: a service that
    can't answer does not start.
    """
    chosen = settings or config.load()
    known = fitted or model.load()
    engine = database(chosen)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        if engine:
            engine.dispose()

    app = FastAPI(title="price", description="What a bottle of wine should cost.", lifespan=lifespan)

    @app.exception_handler(OperationalError)
    def no_database(_request: Request, _error: Exception) -> JSONResponse:
        return JSONResponse({"detail": "the database does not answer"}, status_code=503)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        if engine:
            db.ping(engine)
        return {"status": "ok"}

    @app.get("/version")
    def version() -> dict[str, str]:
        return {"commit": commit(), "environment": chosen.environment, "scikit-learn": sklearn.__version__}

    @app.post("/predict", response_model_exclude_none=True)
    def predict(wine: Wine) -> Answer:
        said = answer(wine, known, chosen)
        if engine:
            db.log(engine, wine.model_dump(), said.model_dump(exclude={"currency"}), commit())
        return said

    return app
