"""Recipes that let pass or fail: on real repositories and, where there is one here, a real PostgreSQL."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.diagnostics import DefinitionError
from pipelinekit.recipes import alembic, model, sql
from tests.examples.services import SERVER, database
from tests.readers.engines import require
from tests.recipes.play import Played, play


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def commit(folder: Path, **files: str | None) -> str:
    """Commit files, by names in which `__` is a slash and `_` a dot; None takes one away."""
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "--allow-empty", "-qm", "change")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A clone with a trunk that has been pushed."""
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "origin.git")
    git(tmp_path, "clone", "-q", "origin.git", "tree")
    folder = tmp_path / "tree"
    git(folder, "checkout", "-q", "-B", "main")
    return folder


def push(folder: Path) -> None:
    git(folder, "push", "-q", "origin", "HEAD:main")


# Models.

GATE = model.gate(at_least={"accuracy": 0.9}, at_most={"error": 2.5})
DROP = model.gate(max_drop={"accuracy": 0.02}, max_rise={"error": 0.1})


@pytest.mark.parametrize(
    ("metrics", "status"),
    [
        ({"accuracy": 0.9, "error": 2.5}, 0),
        ({"accuracy": 0.89, "error": 1}, 1),
        ({"accuracy": 0.95, "error": 2.6}, 1),
        ({"accuracy": 0.95}, 1),
        ({"accuracy": float("nan"), "error": 1}, 1),
        ({"accuracy": "0.99", "error": 1}, 1),
        ({"accuracy": None, "error": 1}, 1),
    ],
)
def test_thresholds(tmp_path: Path, metrics: dict[str, object], status: int) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w/metrics.json").write_text(json.dumps(metrics))
    assert play(GATE, tmp_path / "w").status == status


def test_a_model_without_metrics_does_not_pass(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    assert play(GATE, tmp_path / "w").status != 0


def test_a_gate_asks_for_something() -> None:
    with pytest.raises(DefinitionError, match="PK032"):
        model.gate()
    with pytest.raises(DefinitionError, match="PK032"):
        model.gate(at_least={"two words": 1})


@pytest.mark.parametrize(("accuracy", "error", "status"), [(0.93, 2.0, 0), (0.925, 2.05, 0), (0.91, 2.0, 1), (0.94, 2.2, 1)])
def test_a_branch_is_compared_with_trunk(tree: Path, accuracy: float, error: float, status: int) -> None:
    commit(tree, metrics_json=json.dumps({"accuracy": 0.94, "error": 2.0}))
    push(tree)
    git(tree, "checkout", "-q", "-b", "better")
    commit(tree, metrics_json=json.dumps({"accuracy": accuracy, "error": error}))
    found = play(DROP, tree)
    assert (found.status, "of trunk" in found.output) == (status, True)


def test_trunk_is_compared_with_the_commit_before(tree: Path) -> None:
    commit(tree, metrics_json=json.dumps({"accuracy": 0.94, "error": 2.0}))
    commit(tree, metrics_json=json.dumps({"accuracy": 0.80, "error": 2.0}))
    push(tree)
    assert play(DROP, tree).status == 1
    commit(tree, metrics_json=json.dumps({"accuracy": 0.81, "error": 2.0}))
    push(tree)
    assert play(DROP, tree).status == 0


def test_a_metric_that_trunk_lacks_is_new(tree: Path) -> None:
    commit(tree, README="")
    push(tree)
    commit(tree, metrics_json=json.dumps({"accuracy": 0.1, "error": 9}))
    found = play(DROP, tree)
    assert (found.status, found.output.count("not on trunk yet")) == (0, 2)


# Migrations without a database.


def heads(*names: str) -> dict[str, str]:
    return {"alembic": f"printf '%s\\n' {' '.join(names)}" if names else ""}


@pytest.mark.parametrize(("names", "status"), [(("a",), 0), (("a", "b"), 1), ((), 1)])
def test_one_head(tmp_path: Path, names: tuple[str, ...], status: int) -> None:
    (tmp_path / "w").mkdir()
    found = play(alembic.single_head(config="x.ini"), tmp_path / "w", programs=heads(*names))
    assert (found.status, found.calls) == (status, [["alembic", "-c", "x.ini", "heads"]])


def test_an_upgrade_is_tried_again_and_then_fails(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    programs = {"alembic": 'test "$1" = heads && echo a; test "$1" = heads', "sleep": "", "date": ""}
    found = play(alembic.upgrade(attempts=3), tmp_path / "w", programs=programs)
    assert (found.status, [words[0] for words in found.calls].count("sleep")) == (1, 2)


def test_numbers_of_files_are_each_there_once(tree: Path) -> None:
    commit(tree, migrations__0001_sql="", migrations__0002_sql="")
    assert play(sql.single_order(), tree).status == 0
    (tree / "migrations/0002_other.sql").write_text("")
    (tree / "migrations/0002_third.sql").write_text("")
    found = play(sql.single_order(), tree)
    assert (found.status, found.output.strip()) == (1, "several migrations have one number: 0002")


def test_an_applied_file_is_never_changed(tree: Path) -> None:
    commit(tree, migrations__0001_sql="SELECT 1;")
    push(tree)
    git(tree, "checkout", "-q", "-b", "next")
    commit(tree, migrations__0002_sql="SELECT 2;")
    assert play(sql.unchanged(), tree).status == 0
    commit(tree, migrations__0001_sql="SELECT 3;")
    found = play(sql.unchanged(), tree)
    assert (found.status, "migrations/0001.sql" in found.output) == (1, True)


# Migrations with one.


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    require(None if SERVER.exists() and shutil.which("psql") else "PostgreSQL isn't installed")
    with database() as address:
        port = address.rpartition(":")[2].partition("/")[0]
        yield {"PGHOST": "127.0.0.1", "PGPORT": port, "PGUSER": "postgres"}


@pytest.fixture
def base(server: dict[str, str], request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """A database of its own."""
    name = f"t{abs(hash(request.node.name))}"
    ask(server, f"CREATE DATABASE {name}")
    yield server | {"PGDATABASE": name}
    ask(server, f"DROP DATABASE {name} WITH (FORCE)")


def ask(where: dict[str, str], statement: str) -> str:
    import os

    done = subprocess.run(["psql", "-XAtq", "-c", statement], env=os.environ | where, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def apply(folder: Path, base: dict[str, str], recipe: Recipe | None = None) -> Played:
    return play(recipe or sql.upgrade(attempts=2), folder, environment=base, programs={"sleep": ""})


def test_files_are_applied_in_order_and_once(tmp_path: Path, base: dict[str, str]) -> None:
    folder = tmp_path / "w/migrations"
    folder.mkdir(parents=True)
    (folder / "0001_table.sql").write_text("CREATE TABLE prices (id int);\n")
    (folder / "0002_it's here.sql").write_text("INSERT INTO prices VALUES (1); -- no newline at the end")
    first = apply(tmp_path / "w", base)
    assert (first.status, first.output.count("applying")) == (0, 2), first.output
    assert apply(tmp_path / "w", base).output == ""
    (folder / "0003_more.sql").write_text("INSERT INTO prices VALUES (2)")
    assert apply(tmp_path / "w", base).output == "applying 0003_more.sql\n"
    assert ask(base, "SELECT count(*) FROM prices") == "2"


def test_a_file_that_fails_leaves_nothing(tmp_path: Path, base: dict[str, str]) -> None:
    folder = tmp_path / "w/migrations"
    folder.mkdir(parents=True)
    (folder / "0001_half.sql").write_text("CREATE TABLE half (id int);\nSELECT nothing;\n")
    assert apply(tmp_path / "w", base).status != 0
    assert ask(base, "SELECT count(*) FROM pg_tables WHERE tablename = 'half'") == "0"
    assert ask(base, "SELECT count(*) FROM applied_migrations") == "0"


def test_a_changed_file_is_noticed_in_the_database_too(tmp_path: Path, base: dict[str, str]) -> None:
    folder = tmp_path / "w/migrations"
    folder.mkdir(parents=True)
    (folder / "0001_a.sql").write_text("SELECT 1;")
    apply(tmp_path / "w", base)
    (folder / "0001_a.sql").write_text("SELECT 2;")
    found = apply(tmp_path / "w", base)
    assert (found.status, found.output.strip()) == (1, "0001_a.sql was changed after it had been applied")


def test_no_files_are_no_success(tmp_path: Path, base: dict[str, str]) -> None:
    (tmp_path / "w").mkdir()
    assert apply(tmp_path / "w", base).status == 1


def test_a_lock_is_not_waited_for_behind_a_reader(tmp_path: Path, base: dict[str, str]) -> None:
    """While somebody reads in an open transaction, the change gives up, again and again, and readers behind it go on."""
    import os

    folder = tmp_path / "w/migrations"
    folder.mkdir(parents=True)
    ask(base, "CREATE TABLE prices (id int)")
    (folder / "0001_column.sql").write_text("ALTER TABLE prices ADD COLUMN note text;")
    words = ["psql", "-XAtq", "-c", "BEGIN", "-c", "SELECT * FROM prices", "-c", "SELECT 'open'", "-c", "SELECT pg_sleep(20)"]
    reader = subprocess.Popen(words, env=os.environ | base, stdout=subprocess.PIPE, text=True)
    try:
        assert reader.stdout
        assert reader.stdout.readline() == "open\n"
        found = apply(tmp_path / "w", base, sql.upgrade(lock_timeout="100ms", attempts=2))
        assert (found.status != 0, found.output.count("lock timeout")) == (True, 2)
    finally:
        reader.kill()
        reader.communicate()
