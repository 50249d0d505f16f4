"""The examples, and what each needs beside it on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.examples.services import SERVER, database

Services = Callable[[Path], AbstractContextManager[Mapping[str, str]]]


@contextmanager
def _nothing(folder: Path) -> Iterator[Mapping[str, str]]:
    yield {}


@contextmanager
def _database_and_host(folder: Path) -> Iterator[Mapping[str, str]]:
    """The environments' database, and a host that deploy.sh ships to: this one."""
    with database() as address:
        yield {"DATABASE_URL": address, "DEPLOY_HOST": "local", "RUN_DIR": str(folder / "run")}


def _nothing_lacks() -> str | None:
    return None


def _postgres() -> str | None:
    return None if SERVER.exists() else "PostgreSQL's programs are not here (apt-get install postgresql)"


def _r() -> str | None:
    here = shutil.which("Rscript") and Path("/usr/lib/R/site-library/shiny").exists()
    return None if here else "R is not here (apt-get install r-base-core r-cran-shiny r-cran-testthat r-cran-lintr)"


@dataclass(frozen=True)
class Project:
    """An example: its environments that answer over HTTP, what it lacks here, what runs beside it."""

    name: str
    environments: tuple[str, ...] = ("staging", "production")
    lacking: Callable[[], str | None] = _nothing_lacks
    services: Services = _nothing
    beside: Mapping[str, str] = field(default_factory=dict)
    """Files of which stage a kind's jobs find too: what is in the image that such a job would deploy."""


PROJECTS = {
    project.name: project
    for project in (
        Project("price-service", lacking=_postgres, services=_database_and_host, beside={"deploy": "wheel"}),
        Project("dash-diabetes"),
        Project("nightly-scores"),
        Project("shiny-states", lacking=_r),
    )
}
