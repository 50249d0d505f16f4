"""The examples, and what each needs beside it on this machine."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.examples.connect import KEY, connect
from tests.examples.services import SERVER, database


@dataclass(frozen=True)
class Beside:
    """What jobs are told of what runs beside them: variables, and addresses in place of those that the definition names."""

    variables: Mapping[str, str] = field(default_factory=dict)
    addresses: Mapping[str, str] = field(default_factory=dict)


Services = Callable[[Path], AbstractContextManager[Beside]]


@contextmanager
def _nothing(folder: Path) -> Iterator[Beside]:
    yield Beside()


@contextmanager
def _database_and_host(folder: Path) -> Iterator[Beside]:
    """The environments' database, and a host that deploy.sh ships to: this one."""
    with database() as address:
        yield Beside({"DATABASE_URL": address, "DEPLOY_HOST": "local", "RUN_DIR": str(folder / "run")})


@contextmanager
def _connect(folder: Path) -> Iterator[Beside]:
    with connect(folder / "connect") as address:
        yield Beside({"CONNECT_API_KEY": KEY}, {"https://connect.example": address})


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
    files: Mapping[str, str] = field(default_factory=dict)
    """Files of which stage a kind's jobs find too: what is in the image that such a job would deploy."""


PROJECTS = {
    project.name: project
    for project in (
        Project("price-service", lacking=_postgres, services=_database_and_host, files={"deploy": "wheel"}),
        Project("dash-diabetes"),
        Project("nightly-scores"),
        Project("shiny-states", environments=(), lacking=_r, services=_connect),
    )
}
