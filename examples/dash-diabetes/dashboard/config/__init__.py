"""Configuration: one file per environment, inside the package; the variable APP_ENV alone chooses."""

import json
import os
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Toggles:
    """Features that are in the code and not yet everywhere on."""

    forecast_tab: bool
    """A second tab, which forecasts the progression of one patient."""

    def __post_init__(self) -> None:
        """Refuse what is neither on nor off."""
        for field in fields(self):
            if not isinstance(getattr(self, field.name), bool):
                raise TypeError(f"{field.name} is on or off, true or false")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One environment. Every key stands in every file: there are no defaults that could differ unseen."""

    environment: str
    title: str
    points: int
    """Patients that a chart shows at most."""
    toggles: Toggles


def environments() -> list[str]:
    """Names that APP_ENV may have."""
    return sorted(file.name.removesuffix(".json") for file in files(__name__).iterdir() if file.name.endswith(".json"))


def load(environment: str | None = None) -> Settings:
    """Settings of `environment`, of APP_ENV when not given.

    Raises LookupError when there is no such environment, and TypeError when its file lacks a key or has one too many.
    """
    name = os.environ.get("APP_ENV", "") if environment is None else environment
    if name not in environments():
        raise LookupError(f"APP_ENV is {name!r}, not one of {', '.join(environments())}")
    found: dict[str, Any] = json.loads(files(__name__).joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return Settings(environment=name, **found | {"toggles": Toggles(**found["toggles"])})
