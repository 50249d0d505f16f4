"""A pipeline's jobs, really run on this machine: each stage's commands in a clean copy of the commit, with the files it asked for.

What `setup` would install is expected on PATH.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelinekit.load import load
from pipelinekit.model import Plan, Stage
from pipelinekit.model.names import FACTS
from pipelinekit.semantics.matrix import unroll

LIMIT = 600
"""Seconds that a job may take."""


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def repository(source: Path, folder: Path) -> str:
    """Make a folder's files, as git would take them now, a pushed repository of their own at `folder`; return the commit."""
    listed = git(source, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    work = folder.parent / f"{folder.name}-work"
    for name in filter(None, listed):
        if (source / name).is_file():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source / name, work / name)
    git(folder.parent, "init", "-q", "--bare", "-b", "main", folder.name)
    git(work, "init", "-q", "-b", "main")
    git(work, "add", "-A")
    git(work, "commit", "-qm", "All of it")
    # What compares with the commit before this one finds one.
    git(work, "commit", "-q", "--allow-empty", "-m", "A change")
    git(work, "push", "-q", str(folder), "main")
    return git(work, "rev-parse", "HEAD")


def picked(plan: Plan) -> Iterator[Stage]:
    """The stages that have commands or build an image; of a matrix the cell of this Python, else the last."""
    this = f"{sys.version_info.major}.{sys.version_info.minor}"
    stages = unroll(plan).stages
    for stage in stages:
        cells = [other for other in stages if other.of == stage.of] if stage.of else [stage]
        here = [cell for cell in cells if this in dict(cell.cell).values()] or cells[-1:]
        if (stage.commands or stage.container) and stage in here:
            yield stage


@dataclass
class Runner:
    """Runs the jobs of one commit, one after the other; `variables` replace what only a CI system has."""

    origin: Path
    folder: Path
    commit: str
    ports: Mapping[str, int]
    """Where an environment's software listens."""
    addresses: Mapping[str, str]
    """What answers here in place of an address of the definition."""
    variables: Mapping[str, str]
    build: Callable[[Stage, Path], str]
    """Does what can be done here of a container build, and says what that was."""
    files: Mapping[str, str]
    """Files of which stage a kind's jobs find too."""

    def run(self, plan: Plan, stage: Stage) -> str | None:
        """Run one stage; None when it passed, else what it printed."""
        tree = self._tree(stage)
        if stage.container:
            print(f"  {stage.name}: {self.build(stage, tree)}", flush=True)
            return None
        start = time.monotonic()
        script = self._here(plan, "\n".join(stage.commands))
        log = self.folder / f"{stage.name}.log"
        # A file: what a deployment leaves running keeps no pipe open.
        with log.open("w") as out:
            command = [*(["bash", "-eo", "pipefail"] if stage.shell == "bash" else ["sh", "-e"]), "-c", script]
            done = subprocess.run(
                command, cwd=tree, env=self._sees(plan, stage), stdin=subprocess.DEVNULL, stdout=out, stderr=out, check=False, timeout=LIMIT
            )
        lacking = [] if done.returncode else [path for path in stage.outputs if not _there(tree / path)]
        if done.returncode or lacking:
            return log.read_text() + "".join(f"the output {path} is missing\n" for path in lacking)
        self._keep(stage, tree)
        print(f"  {stage.name}: passed ({time.monotonic() - start:.0f} s)", flush=True)
        return None

    def _here(self, plan: Plan, text: str) -> str:
        """A text with the addresses of this machine."""
        urls = {each.url: f"http://127.0.0.1:{self.ports[each.name]}" for each in plan.environments if each.url and each.name in self.ports}
        for address, here in {**self.addresses, **urls}.items():
            text = text.replace(address, here)
        return text

    def _tree(self, stage: Stage) -> Path:
        """The commit's files, with the artifacts that the stage asks for laid over them."""
        tree = self.folder / "jobs" / stage.name
        tree.parent.mkdir(exist_ok=True)
        git(self.folder, "clone", "-q", str(self.origin), str(tree))
        asked = [(need.stage, path) for need in stage.needs for path in need.paths]
        more = self.folder / "files" / self.files.get(stage.kind, "-")
        asked += [(more.name, str(path.relative_to(more))) for path in more.iterdir()] if more.is_dir() else []
        for producer, path in asked:
            made = self.folder / "files" / producer / path
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            if made.is_dir():
                shutil.copytree(made, tree / path, dirs_exist_ok=True)
            else:
                shutil.copy2(made, tree / path)
        return tree

    def _keep(self, stage: Stage, tree: Path) -> None:
        for path in stage.outputs:
            place = self.folder / "files" / stage.name / path
            place.parent.mkdir(parents=True, exist_ok=True)
            if (tree / path).is_dir():
                shutil.copytree(tree / path, place)
            else:
                shutil.copy2(tree / path, place)

    def _sees(self, plan: Plan, stage: Stage) -> dict[str, str]:
        """What the stage's process sees: facts, its variables, and for each of its secrets what stands in for it."""
        here = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PK_"))}
        facts = dict.fromkeys(FACTS, "") | {"PK_SHA": self.commit, "PK_SHORT_SHA": self.commit[:8], "PK_EVENT": "push", "PK_BRANCH": "main"}
        said = "\n".join(stage.commands)
        seen = here | {name: text for name, text in facts.items() if name in said}
        seen |= {name: self._here(plan, text) for name, text in stage.variables}
        for secret in stage.secrets:
            file = self.folder / "secrets" / secret.stored
            file.parent.mkdir(exist_ok=True)
            file.write_text("a secret\n")
            seen[secret.name] = str(file) if secret.file else "a secret"
        if stage.environment and stage.environment in self.ports:
            seen["PORT"] = str(self.ports[stage.environment])
        return {**seen, **self.variables}


def _there(path: Path) -> bool:
    return any(each.is_file() for each in path.rglob("*")) if path.is_dir() else path.is_file()


def run_all(runner: Runner, project: Path) -> list[str]:
    """Run the stages of a definition in order; the names of those that failed, and of those that so never started."""
    plan = load(str(project / "pipeline.py"))
    failed: list[str] = []
    for stage in picked(plan):
        if any(need.stage in failed for need in stage.needs):
            print(f"  {stage.name}: not started", flush=True)
            failed.append(stage.name)
            continue
        problem = runner.run(plan, stage)
        if problem is not None:
            print(f"  {stage.name}: failed\n{problem}", flush=True)
            for log in sorted(runner.folder.rglob("*/*.log")):
                print(f"{log.relative_to(runner.folder)}:\n{log.read_text()}")
            failed.append(stage.name)
    return failed
