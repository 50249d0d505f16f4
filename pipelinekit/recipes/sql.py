"""Database migrations as plain SQL files: `migrations/0007_add_column.sql`, applied in the order of their names, each once.

The database is the one of libpq's variables (`PGHOST`, `PGDATABASE`, `PGUSER`, `PGPASSWORD`): an address with a password in it would be
seen in the list of processes. What is applied stands in the table `applied_migrations`, with the file's hash.
"""

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.authoring.values import Checkout
from pipelinekit.recipes.words import word

__all__ = ["single_order", "unchanged", "upgrade"]

_UPGRADE = """export PGOPTIONS={options}
run() {{ psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }}
run -c 'SET client_min_messages = warning; CREATE TABLE IF NOT EXISTS applied_migrations
  (name text PRIMARY KEY, sha256 text NOT NULL, applied timestamptz NOT NULL DEFAULT now())'
for file in {folder}/*.sql; do
  [ -e "$file" ] || {{ echo "there is no migration" >&2; exit 1; }}
  name=${{file##*/}}
  sum=$(sha256sum <"$file")
  sum=${{sum%% *}}
  known=$(echo "SELECT sha256 FROM applied_migrations WHERE name = :'pk_name'" | run -v pk_name="$name")
  if [ "$known" = "$sum" ]; then continue; fi
  if [ -n "$known" ]; then echo "$name was changed after it had been applied" >&2; exit 1; fi
  echo "applying $name"
  attempt=1
  until {{ cat "$file" && echo && echo "; INSERT INTO applied_migrations (name, sha256) VALUES (:'pk_name', :'pk_sum')"; }} |
    run --single-transaction -v pk_name="$name" -v pk_sum="$sum"; do
    [ "$attempt" -lt {attempts} ] || exit 1
    attempt=$((attempt + 1))
    sleep 10
  done
done"""

_ORDER = """twice=$(for file in {folder}/*.sql; do name=${{file##*/}}; echo "${{name%%_*}}"; done | sort | uniq -d)
[ -z "$twice" ] || {{ echo "several migrations have one number:" $twice >&2; exit 1; }}"""

_UNCHANGED = """base=$(git merge-base HEAD {trunk})
if [ "$base" = "$(git rev-parse HEAD)" ]; then base=HEAD~1; fi
changed=$(git diff --name-only --diff-filter=DMRT "$base" HEAD -- {folder})
[ -z "$changed" ] || {{ printf '%s\\n' "an applied migration is never changed, write a new one:" "$changed" >&2; exit 1; }}"""


def upgrade(folder: str = "migrations", *, lock_timeout: str = "2s", attempts: int = 5) -> Recipe:
    """Apply what isn't applied yet to a PostgreSQL database, each file in one transaction, giving up rather than queueing every reader
    behind a table lock. A file that was changed after it had been applied is an error. Needs psql.
    """
    asked = word(f"-c lock_timeout={lock_timeout}")
    return Recipe(commands=[_UPGRADE.format(options=asked, folder=word(folder), attempts=attempts)])


def single_order(folder: str = "migrations") -> Recipe:
    """Fail when two files have one number: which comes first would be chance. Needs no database."""
    return Recipe(commands=[_ORDER.format(folder=word(folder))])


def unchanged(folder: str = "migrations", *, trunk: str = "main") -> Recipe:
    """Fail when a file that trunk has already is changed, renamed or taken away. Needs git."""
    return Recipe(commands=[_UNCHANGED.format(folder=word(folder), trunk=word(f"origin/{trunk}"))], checkout=Checkout(history=True))
