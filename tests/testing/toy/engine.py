"""Toy's engine: reads `toy.json`, and runs its jobs one after the other, each in a tree of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Ground, Level


class Toy:
    name = "toy-run"
    level: Level = "L2"
    hides: Mapping[Feature, str] = {"cache": "Toy keeps nothing"}

    def missing(self) -> str | None:
        return None

    def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
        return None

    def close(self) -> None:
        pass

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        file, event = json.loads(files["toy.json"]), scenario.happening
        branch = event.target if event.kind == "pull_request" else event.branch
        taken = (branch or file["trunk"]) == file["trunk"] and not event.fork
        jobs = [job for job in file["jobs"] if event.kind in job["on"] and taken]
        ended: dict[str, str] = {}
        for job in jobs:
            if any(ended[need] not in ("passed", "allowed") for need in job["after"]):
                ended[job["name"]] = "skipped"
                ground.job_skip(job["name"])
            elif "asks" in job:
                ended[job["name"]] = "rejected" if job["name"] in scenario.rejected else "passed"
                ground.gate(job["name"], "rejected" if job["name"] in scenario.rejected else "approved")
            else:
                ended[job["name"]] = self.job(job, file["trunk"], ground, scenario)
        bad = [outcome for outcome in ended.values() if outcome not in ("passed", "allowed")]
        ground.run_end("nothing" if not jobs else "failed" if "failed" in bad else "stopped" if bad else "passed")

    def job(self, job: dict[str, Any], trunk: str, ground: Ground, scenario: Scenario) -> str:
        tree = ground.checkout(ground.work / job["name"])
        for maker, path in job["files"]:
            bring(ground.work / maker / path, tree / path)
        known = facts(job, trunk, ground, scenario)
        env = {**job["variables"], **{name: known[word] for name, word in job["facts"].items()}}
        env |= {name: ground.secrets[key] for name, key in job["secrets"].items() if key in ground.secrets}
        words = ["sh", "-c", "\n".join(job["script"])]
        ground.job_start(job["name"])
        done = subprocess.run(words, cwd=tree, env=ground.environment(**env), capture_output=True, text=True, check=False)
        ground.output(job["name"], done.stdout + done.stderr)
        outcome = "passed" if done.returncode == 0 else "allowed" if job["may_fail"] else "failed"
        ground.job_end(job["name"], outcome)  # type: ignore[arg-type]  # what a row of a test gives
        return outcome


def bring(made: Path, wanted: Path) -> None:
    """A file or folder for a job, if there is one."""
    if made.exists():
        wanted.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if made.is_dir() else shutil.copy2)(made, wanted)


def facts(job: dict[str, Any], trunk: str, ground: Ground, scenario: Scenario) -> dict[str, str]:
    """What Toy knows of a run."""
    event, world = scenario.happening, ground.world
    request = event.kind == "pull_request"
    return {
        "commit": world.sha,
        "short": world.sha[:8],
        "event": event.kind,
        "branch": event.branch or trunk,
        "into": (event.target or trunk) if request else "",
        "tag": "",
        "request": world.pull_request if request else "",
        "author": ground.author,
        "title": world.title,
        "repository": world.repository,
        "place": job["place"] or "",
    }
