"""Configuration: one file per environment, inside the package; the variable APP_ENV alone chooses."""

import os
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One environment. Every key stands in every file: there are no defaults that could differ unseen."""

    environment: str
    folder: Path
    """Where each night leaves its scores and its notebook: in the image the mounted bucket."""
    patients: int
    """How many are scored; 0 for all."""


def environments() -> list[str]:
    """Names that APP_ENV may have."""
    return sorted(file.name.removesuffix(".toml") for file in files(__name__).iterdir() if file.name.endswith(".toml"))


def load(environment: str | None = None) -> Settings:
    """Settings of `environment`, of APP_ENV when not given.

    Raises LookupError when there is no such environment, and TypeError when its file lacks a key or has one too many.
    """
    name = os.environ.get("APP_ENV", "") if environment is None else environment
    if name not in environments():
        raise LookupError(f"APP_ENV is {name!r}, not one of {', '.join(environments())}")
    found = tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    return Settings(environment=name, **found | {"folder": Path(found["folder"])})
