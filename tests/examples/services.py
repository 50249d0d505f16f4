"""What runs beside an example's jobs on this machine: a PostgreSQL server, and what deployments leave running."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SERVER = Path("/usr/lib/postgresql/15/bin")


def free_port() -> int:
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        found: int = spare.getsockname()[1]
        return found


@contextmanager
def database() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the block."""
    port = free_port()
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


@contextmanager
def ended(folder: Path) -> Iterator[None]:
    """End the processes whose ids stand in the folder's `*.pid` files when the block is left."""
    try:
        yield
    finally:
        for file in folder.rglob("*.pid"):
            with suppress(ProcessLookupError):
                os.kill(int(file.read_text()), signal.SIGTERM)
