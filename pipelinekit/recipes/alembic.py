"""Database migrations by alembic."""

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.text.shell import quote


def upgrade(revision: str = "head", *, config: str | None = None, lock_timeout: str = "2s", attempts: int = 5) -> Recipe:
    """Bring a PostgreSQL database to `revision`, giving up rather than queueing every reader behind a table lock.

    A statement that waits longer than `lock_timeout` for its lock fails; the upgrade is tried up to `attempts` times, ten
    seconds apart. More than one head is an error by itself.
    """
    alembic = "alembic" if config is None else f"alembic -c {quote(config)}"
    return Recipe(
        commands=[
            f"export PGOPTIONS='-c lock_timeout={lock_timeout}'",
            f"attempt=1\nuntil {alembic} upgrade {quote(revision)}; do\n"
            f'  [ "$attempt" -lt {attempts} ] || exit 1\n'
            "  attempt=$((attempt + 1))\n  sleep 10\ndone",
        ],
    )
