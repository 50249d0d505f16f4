"""The database: one table, to which the service writes what it has answered."""

from collections.abc import Mapping

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Double,
    Engine,
    Identity,
    MetaData,
    Table,
    Text,
    create_engine,
    func,
    make_url,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()
predictions = Table(
    "predictions",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("created_at", DateTime(timezone=True), server_default=func.now(), nullable=False),
    Column("wine", JSONB, nullable=False),
    Column("price", Double, nullable=False),
    Column("commit_sha", Text),
    Column("low", Double),
    Column("high", Double),
)


def connect(url: str) -> Engine:
    """An engine for `url` (postgresql://…), through psycopg; opens nothing yet. Raises ArgumentError for no URL."""
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), pool_pre_ping=True, connect_args={"connect_timeout": 5}
    )


def ping(engine: Engine) -> None:
    """Raise OperationalError when the database does not answer."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))


def log(engine: Engine, wine: Mapping[str, float], answer: Mapping[str, float | None], commit: str) -> None:
    """Write one prediction; `answer` has price, low and high in EUR."""
    with engine.begin() as connection:
        connection.execute(predictions.insert().values(wine=dict(wine), commit_sha=commit, **answer))
