"""The wheel, the deployment to a process of this machine, and the smoke test of what was deployed."""

import os
import shutil
import socket
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from conftest import COMMIT, ROOT
from test_database import ALEMBIC

from price import smoke


@pytest.fixture
def port() -> int:
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        found: int = spare.getsockname()[1]
        return found


@pytest.fixture
def run_dir(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    for file in tmp_path.glob("*/*.pid"):
        os.kill(int(file.read_text()), 15)


def deploy(built: Path, run_dir: Path, port: int, commit: str, **variables: str) -> subprocess.CompletedProcess[str]:
    bin_dir = Path(sys.executable).parent
    extra = {
        "DEPLOY_HOST": "local",
        "RUN_DIR": str(run_dir),
        "PORT": str(port),
        "PATH": f"{bin_dir}:{os.environ['PATH']}",
    }
    arguments = [str(built / "deploy.sh"), "staging", f"registry.example.com/price:{commit}"]
    with (run_dir / "out").open("w+") as out:  # a file: the service keeps no pipe open
        done = subprocess.run(arguments, env={**os.environ, **extra, **variables}, stdout=out, stderr=out, check=False)
        out.seek(0)
        return subprocess.CompletedProcess(arguments, done.returncode, out.read())


def test_the_wheel_holds_configuration_model_and_commit(built: Path) -> None:
    [wheel] = built.glob("dist/price-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = {f"price/config/{name}.toml" for name in ("staging", "production", "test")}
    assert names >= expected | {"price/model.joblib", "price/COMMIT"}


@pytest.mark.usefixtures("database_url")
def test_deploy_replaces_and_a_broken_release_does_not(built: Path, trained: Path, run_dir: Path, port: int) -> None:
    command.upgrade(ALEMBIC, "head")
    url = f"http://127.0.0.1:{port}"
    parity = str(trained / "parity.json")

    first = deploy(built, run_dir, port, COMMIT)
    assert first.returncode == 0, first.stdout
    pid = (run_dir / "staging" / "price-staging.pid").read_text()
    check = [sys.executable, "-m", "price.smoke", url, "--parity", parity, "--expect"]
    assert subprocess.run([*check, COMMIT], cwd=ROOT, check=False).returncode == 0
    assert subprocess.run([*check, "f" * 40], cwd=ROOT, check=False).returncode == 1

    other = deploy(built, run_dir, port, "f" * 40)
    assert other.returncode == 1
    assert f"is of commit {COMMIT}, not {'f' * 40}" in other.stdout

    nowhere = deploy(built, run_dir, port, COMMIT, DATABASE_URL="postgresql://price@127.0.0.1:1/price", WAIT="8")
    assert nowhere.returncode == 1
    assert "price-staging stays as it was" in nowhere.stdout
    assert smoke.check(url, COMMIT, [])["environment"] == "staging"
    assert (run_dir / "staging" / "price-staging.pid").read_text() == pid

    again = deploy(built, run_dir, port, COMMIT)
    assert again.returncode == 0, again.stdout
    assert (run_dir / "staging" / "price-staging.pid").read_text() != pid
    assert len(list((run_dir / "staging" / "releases").iterdir())) == 1


@pytest.mark.parametrize(
    "arguments", [["staging"], ["staging", "price"], ["staging", "host:5000/price"], ["moon", "price:1"]]
)
def test_wrong_arguments_are_refused(arguments: list[str]) -> None:
    environment = {**os.environ, "DATABASE_URL": "postgresql://x", "DEPLOY_HOST": "local"}
    done = subprocess.run([ROOT / "deploy.sh", *arguments], env=environment, capture_output=True, check=False)
    assert done.returncode == 1


def test_nobody_answers(port: int) -> None:
    with pytest.raises(OSError, match="refused"):
        smoke.check(f"http://127.0.0.1:{port}", COMMIT, [])


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="shellcheck is not on this machine")
def test_deploy_sh_is_clean() -> None:
    subprocess.run(["shellcheck", "-s", "sh", ROOT / "deploy.sh"], check=True)
