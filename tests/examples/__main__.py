"""Runs every stage of an example's pipeline on this machine: `python -m tests.examples price-service dash-diabetes`.

`make example-test` calls it with the example's own environment on PATH. A repository of its own is made of each example's files, a clean
copy of it for each job. Where a stage deploys, a stand-in for the cloud's command line starts the software as a process of this machine,
which the smoke tests then ask. What an example needs and isn't here skips it, with the reason; with CI=true that is a failure.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.examples.images import Store
from tests.examples.jobs import Runner, repository, run_all
from tests.examples.projects import PROJECTS, Project
from tests.examples.services import ended, free_port

ROOT = Path(__file__).parents[2]
STAND_INS = Path(__file__).parent / "stand_ins"


def run(project: Project) -> bool:
    """Whether all stages of a project passed."""
    print(f"{project.name}:", flush=True)
    lacking = project.lacking()
    if lacking:
        print(f"  skipped: {lacking}")
        return os.environ.get("CI") != "true"
    start = time.monotonic()
    source = ROOT / "examples" / project.name
    with tempfile.TemporaryDirectory() as name, ended(Path(name)), project.services(Path(name)) as beside:
        folder = Path(name)
        commit = repository(source, folder / "origin")
        ports = {environment: free_port() for environment in project.environments}
        variables = {"STAND_INS": name, "PATH": f"{STAND_INS}:{os.environ['PATH']}", **beside.variables}
        store = Store(folder / "images", commit)
        runner = Runner(folder / "origin", folder, commit, ports, beside.addresses, variables, store.build, project.files)
        failed = run_all(runner, source)
    print(f"  {len(failed)} failed, {time.monotonic() - start:.0f} s")
    return not failed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.examples", description="Run every stage of examples' pipelines here.")
    parser.add_argument("examples", nargs="*", choices=PROJECTS, help="all when none is named")
    chosen = parser.parse_args().examples or PROJECTS
    # Each is run, whatever became of the one before it.
    passed = [run(PROJECTS[name]) for name in chosen]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
