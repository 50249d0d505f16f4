"""Run the migrations on DATABASE_URL, each in a transaction of its own; with --sql print them, no database needed."""

import os
from logging.config import fileConfig

from alembic import context

from price import db

if context.config.config_file_name:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)

if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=db.metadata, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    if not os.environ.get("DATABASE_URL"):
        raise SystemExit("DATABASE_URL is missing")
    engine = db.connect(os.environ["DATABASE_URL"])
    try:
        with engine.connect() as connection:
            context.configure(connection=connection, target_metadata=db.metadata, transaction_per_migration=True)
            with context.begin_transaction():
                context.run_migrations()
    finally:
        engine.dispose()
