"""Configuration: one file per environment, inside the package; the variable APP_ENV alone chooses."""

import os
import tomllib
from importlib.resources import files

from pydantic import BaseModel, ConfigDict


class Toggles(BaseModel):
    """Features that are in the code and not yet everywhere on."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    price_range: bool
    """Answer with a range beside the price, and log it."""


class Settings(BaseModel):
    """One environment. Every key stands in every file: there are no defaults that could differ unseen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    environment: str
    currency: str
    log_predictions: bool
    """Write each prediction to the database; asks for DATABASE_URL."""
    toggles: Toggles


def environments() -> list[str]:
    """Names that APP_ENV may have."""
    return sorted(file.name.removesuffix(".toml") for file in files(__name__).iterdir() if file.name.endswith(".toml"))


def load(environment: str | None = None) -> Settings:
    """Settings of `environment`, of APP_ENV when not given.

    Raises LookupError when there is no such environment, and pydantic.ValidationError when its file has a wrong key.
    """
    name = os.environ.get("APP_ENV", "") if environment is None else environment
    if name not in environments():
        raise LookupError(f"APP_ENV is {name!r}, not one of {', '.join(environments())}")
    text = files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return Settings(environment=name, **tomllib.loads(text))
