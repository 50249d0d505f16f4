"""Database migrations by alembic."""

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.recipes.words import word

__all__ = ["no_drift", "single_head", "sql", "upgrade"]

RETRY = """attempt=1
until {command}; do
  [ "$attempt" -lt {attempts} ] || exit 1
  attempt=$((attempt + 1))
  sleep 10
done"""


def upgrade(revision: str = "head", *, config: str | None = None, lock_timeout: str = "2s", attempts: int = 5) -> Recipe:
    """Bring a PostgreSQL database to `revision`, giving up rather than queueing every reader behind a table lock.

    A statement that waits longer than `lock_timeout` for its lock fails; the upgrade is tried up to `attempts` times, ten
    seconds apart. More than one head is an error by itself.
    """
    return Recipe(
        commands=[
            f"export PGOPTIONS={word(f'-c lock_timeout={lock_timeout}')}",
            RETRY.format(command=f"{_alembic(config)} upgrade {word(revision)}", attempts=attempts),
        ],
    )


def single_head(*, config: str | None = None) -> Recipe:
    """Fail when two migrations follow the same one: each passed alone, and together they stop every deployment. Needs no database."""
    return Recipe(
        commands=[
            f'heads=$({_alembic(config)} heads)\nprintf "%s\\n" "$heads"\n'
            '[ "$(printf "%s\\n" "$heads" | grep -c .)" = 1 ] || { echo "there must be one head: alembic merge heads" >&2; exit 1; }'
        ]
    )


def no_drift(*, config: str | None = None) -> Recipe:
    """Fail when the models have changed and no migration says so, against a database that is brought to the newest revision first."""
    return Recipe(commands=[f"{_alembic(config)} upgrade head", f"{_alembic(config)} check"])


def sql(since: str, *, config: str | None = None, output: str = "migration.sql") -> Recipe:
    """Write the SQL of all migrations after the revision `since` (the one that is deployed), for `squawk.lint` and for reviewers."""
    return Recipe(commands=[f"{_alembic(config)} upgrade {word(f'{since}:head')} --sql >{word(output)}"], keep=[output])


def _alembic(config: str | None) -> str:
    return "alembic" if config is None else f"alembic -c {word(config)}"
