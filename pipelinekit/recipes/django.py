"""Database migrations by Django."""

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.recipes.alembic import RETRY
from pipelinekit.recipes.words import word

__all__ = ["migrate", "no_drift", "sql"]


def migrate(*, manage: str = "manage.py", lock_timeout: str = "2s", attempts: int = 5) -> Recipe:
    """Apply all migrations to a PostgreSQL database, giving up rather than queueing every reader behind a table lock.

    Two migrations of an app that follow the same one are an error by itself.
    """
    command = f"python {word(manage)} migrate --no-input"
    return Recipe(
        commands=[f"export PGOPTIONS={word(f'-c lock_timeout={lock_timeout}')}", RETRY.format(command=command, attempts=attempts)]
    )


def no_drift(*, manage: str = "manage.py") -> Recipe:
    """Fail when the models have changed and no migration says so, or when two migrations of an app follow the same one."""
    return Recipe(commands=[f"python {word(manage)} makemigrations --check --dry-run --no-input"])


def sql(app: str, migration: str, *, manage: str = "manage.py", output: str = "migration.sql") -> Recipe:
    """Write the SQL of one migration, for `squawk.lint` and for reviewers."""
    return Recipe(commands=[f"python {word(manage)} sqlmigrate {word(app)} {word(migration)} >{word(output)}"], keep=[output])
