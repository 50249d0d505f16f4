"""Runs the commands of the price service's pipeline by hand, stage after stage, on this machine: none of them is make-believe.

`make example-test` calls it with the example's environment on PATH. A clone stands in for the runner, a PostgreSQL server of
its own for the environments' databases, a local process for the hosts that deploy.sh ships to. Left out: the second cell of
the tests, which needs another Python, and the container build.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelinekit.load import load
from pipelinekit.model import Stage
from pipelinekit.semantics.matrix import unroll

ROOT = Path(__file__).parents[1]
SERVER = Path("/usr/lib/postgresql/15/bin")
PORTS = {"staging": 18081, "production": 18082}


def runs_here(stage: Stage) -> bool:
    this = f"{sys.version_info.major}.{sys.version_info.minor}"
    return bool(stage.commands) and all(value == this for _, value in stage.cell)


@contextmanager
def database() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tempfile.mkdtemp()
    user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    if user:
        shutil.chown(folder, "postgres")
    control = [*user, str(SERVER / "pg_ctl"), "-D", f"{folder}/data", "-l", f"{folder}/log", "-w"]
    options = f"-p {port} -k {folder} -h 127.0.0.1"
    subprocess.run(
        [*user, SERVER / "initdb", "-D", f"{folder}/data", "-A", "trust", "-U", "postgres"], check=True, stdout=subprocess.DEVNULL
    )
    subprocess.run([*control, "-o", options, "start"], check=True, stdout=subprocess.DEVNULL)
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


def environment(stage: Stage, commit: str, address: str, folder: Path) -> dict[str, str]:
    """What the stage's process sees: its variables and facts, and for its secret and its host what is here instead."""
    here = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    seen = {**here, "PK_SHA": commit, **dict(stage.variables), "DATABASE_URL": address}
    if stage.environment:
        seen |= {"DEPLOY_HOST": "local", "RUN_DIR": str(folder / "run"), "PORT": str(PORTS[stage.environment])}
    return seen


def script(stage: Stage, url: str | None) -> str:
    lines = "\n".join(stage.commands)
    return lines.replace(url, f"http://127.0.0.1:{PORTS[stage.environment]}") if url and stage.environment else lines


def end_services(folder: Path) -> None:
    for file in folder.glob("run/*/*.pid"):
        os.kill(int(file.read_text()), signal.SIGTERM)


def main() -> int:
    if not SERVER.exists():
        print("skipped: PostgreSQL's programs are not here (apt-get install postgresql)")
        return 1 if os.environ.get("CI") else 0
    failed = 0
    with tempfile.TemporaryDirectory() as name, database() as address:
        folder = Path(name)
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder / "clone")], check=True)
        project = folder / "clone" / "examples" / "price-service"
        commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project, check=True, capture_output=True, text=True).stdout.strip()
        plan = load(str(project / "pipeline.py"))
        urls = {each.name: each.url for each in plan.environments}
        try:
            for stage in filter(runs_here, unroll(plan).stages):
                text = script(stage, urls.get(stage.environment or ""))
                seen = environment(stage, commit, address, folder)
                ended = subprocess.run(
                    ["sh", "-e"],
                    input=text,
                    cwd=project,
                    env=seen,
                    text=True,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    check=False,
                )
                print(f"{stage.name}: {'passed' if ended.returncode == 0 else 'failed'}", flush=True)
                if ended.returncode:
                    failed += 1
                    print(ended.stdout)
        finally:
            end_services(folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
