"""Migrations, and the service with a database."""

import time
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from conftest import ROOT
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import OperationalError

from price import config, db, model
from price.api import create_app

ALEMBIC = Config()
ALEMBIC.set_main_option("script_location", str(ROOT / "migrations"))
INSERT_OF_THE_FIRST_VERSION = text("INSERT INTO predictions (wine, price) VALUES ('{}', 1)")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = db.connect(database_url)
    yield made
    made.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as made:
        yield made


def test_there_is_one_head() -> None:
    assert ScriptDirectory.from_config(ALEMBIC).get_heads() == ["0003"]


@pytest.mark.usefixtures("database_url")
def test_migrations_make_the_tables_that_the_code_knows() -> None:
    command.upgrade(ALEMBIC, "head")
    command.check(ALEMBIC)


def test_versions_before_a_migration_keep_writing_after_it(connection: Connection) -> None:
    command.upgrade(ALEMBIC, "0001")
    for revision in ("0001", "0002", "0003"):
        command.upgrade(ALEMBIC, revision)
        connection.execute(INSERT_OF_THE_FIRST_VERSION)
        connection.commit()
    assert connection.scalar(text("SELECT count(*) FROM predictions")) == 3


def test_a_migration_gives_up_behind_a_lock(connection: Connection) -> None:
    command.upgrade(ALEMBIC, "0001")
    connection.execute(INSERT_OF_THE_FIRST_VERSION)  # the transaction stays open
    start = time.monotonic()
    with pytest.raises(OperationalError, match="lock timeout"):
        command.upgrade(ALEMBIC, "0002")
    assert time.monotonic() - start < 5


def test_predictions_are_logged(
    connection: Connection, fitted: model.Model, wine: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    command.upgrade(ALEMBIC, "head")
    monkeypatch.setenv("PRICE_COMMIT", "abc")
    with TestClient(create_app(config.load("staging"), fitted)) as client:
        assert client.get("/healthz").status_code == 200
        said = client.post("/predict", json=wine).json()
    row = connection.execute(select(db.predictions)).one()
    assert (row.wine, row.commit_sha) == (wine, "abc")
    assert {"price": row.price, "low": row.low, "high": row.high, "currency": "EUR"} == said
