"""What the tests share: the trained model, a wheel, a database."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from price import model
from price.train import train

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data" / "wine.csv"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with model.joblib, metrics.json and parity.json, made from data/wine.csv."""
    if not DATA.exists():
        pytest.fail("data/wine.csv is not here: dvc pull data/wine.csv.dvc, or python -m price.data")
    made = tmp_path_factory.mktemp("trained")
    train(DATA, made / "model.joblib", made / "metrics.json", made / "parity.json")
    return made


@pytest.fixture(scope="session")
def fitted(trained: Path) -> model.Model:
    return model.load(trained / "model.joblib")


@pytest.fixture(scope="session")
def wine(trained: Path) -> dict[str, float]:
    found: dict[str, float] = json.loads((trained / "parity.json").read_text())[0]["wine"]
    return found


@pytest.fixture(scope="session")
def built(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project, its wheel of COMMIT in dist/."""
    copy = tmp_path_factory.mktemp("built")
    shutil.copytree(ROOT / "price", copy / "price", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "deploy.sh"):
        shutil.copy(ROOT / name, copy)
    shutil.copy(trained / "model.joblib", copy / "price")
    (copy / "price" / "COMMIT").write_text(COMMIT)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    wheel = [*pip, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", "."]
    subprocess.run(wheel, cwd=copy, check=True)
    return copy


def binaries() -> Path | None:
    """Where PostgreSQL's initdb and pg_ctl are: on PATH, or where Debian puts them."""
    here = shutil.which("pg_ctl")
    places = [Path(here).resolve().parent] if here else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return places[-1] if places else None


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL server's URL: DATABASE_URL, else of one made here; without its programs the tests are skipped."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    found = binaries()
    if not found:
        pytest.skip("no DATABASE_URL, and PostgreSQL's pg_ctl is not on this machine")
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        port = spare.getsockname()[1]
    user = "postgres" if os.geteuid() == 0 else None  # the server refuses to run as root
    place = Path(tempfile.mkdtemp(prefix="price-postgres-"))
    if user:
        shutil.chown(place, user)

    def run(program: str, *arguments: str) -> None:
        command = [str(found / program), "-D", str(place / "data"), *arguments]
        subprocess.run(command, user=user, cwd=place, check=True, stdout=subprocess.DEVNULL)

    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={place} -c fsync=off"
    try:
        run("initdb", "--username=price", "--auth=trust", "--no-sync")
        run("pg_ctl", "start", "--wait", "-l", str(place / "server.log"), "-o", options)
        yield f"postgresql://price@127.0.0.1:{port}/postgres"
    finally:
        run("pg_ctl", "stop", "-m", "immediate")
        shutil.rmtree(place)


@pytest.fixture
def database_url(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """DATABASE_URL of an empty schema of its own, so that tests can share a server."""
    schema = f"test_{secrets.token_hex(8)}"
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"))
    end = time.monotonic() + 30  # a service container accepts TCP before it answers
    while True:
        try:
            with admin.begin() as connection:
                connection.execute(text(f"CREATE SCHEMA {schema}"))
            break
        except OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(0.5)
    url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
    monkeypatch.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
    yield os.environ["DATABASE_URL"]
    with admin.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    admin.dispose()
