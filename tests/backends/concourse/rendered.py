"""Definitions as the pipeline that Concourse would be given, and its tasks run as a worker runs them."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from pipelinekit import Pipeline
from pipelinekit.backend.emit import Emission, emit
from tests.readers import concourse

Step = dict[str, Any]


def emission(p: Pipeline) -> Emission:
    found = emit(p.plan(), "concourse")
    assert concourse.problems(found.files) == []
    return found


def pipeline(p: Pipeline) -> Step:
    found = emission(p)
    assert found.ok, "\n".join(map(str, found.diagnostics))
    return concourse.read(found.files)["ci/pipeline.yml"]


def jobs(p: Pipeline) -> dict[str, Step]:
    return {job["name"]: job for job in pipeline(p)["jobs"]}


def resources(p: Pipeline) -> dict[str, Step]:
    return {resource["name"]: resource for resource in pipeline(p)["resources"]}


def levels(p: Pipeline) -> dict[str, str]:
    """What is said of each feature."""
    return {finding.feature: finding.level for finding in emission(p).diagnostics if finding.feature}


def flat(steps: list[Step]) -> list[Step]:
    """All steps, in order, those of blocks too."""
    found = []
    for step in steps:
        inner = step.get("do") or step.get("in_parallel")
        found += flat(inner) if inner else flat([step["try"]]) if "try" in step else [step]
    return found


def gets(job: Step) -> dict[str, Step]:
    return {step["get"]: step for step in flat(job["plan"]) if "get" in step}


def tasks(job: Step) -> dict[str, Step]:
    return {step["task"]: step for step in flat(job["plan"]) if "task" in step}


def script(step: Step) -> str:
    """The text that the stage's shell is given in the end."""
    args = step["config"]["run"]["args"]
    return "".join(args[3:] if len(args) > 3 and args[1].startswith("exec ") else args[-1:])


class Worker:
    """A build: named artifacts as folders, each task on copies of its inputs, in an otherwise empty place."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.artifacts: dict[str, Path] = {}
        self.count = 0

    def has(self, name: str, **files: str) -> None:
        tree = self.folder / "artifacts" / name
        for path, text in files.items():
            (tree / path).parent.mkdir(parents=True, exist_ok=True)
            (tree / path).write_text(text)
        tree.mkdir(parents=True, exist_ok=True)
        self.artifacts[name] = tree

    def run(self, step: Step, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a task with its params (secrets from `environment`); its outputs become artifacts."""
        self.count += 1
        place = self.folder / f"task-{self.count}"
        config = step["config"]
        for one in config["inputs"]:
            shutil.copytree(self.artifacts[one["name"]], place / one["name"])
        for one in config.get("outputs", []):
            (place / one["name"]).mkdir(parents=True)
        params = {
            key: environment.get(value.strip("()"), "") if value.startswith("((") else value
            for key, value in config.get("params", {}).items()
        }
        run = config["run"]
        done = subprocess.run(
            [run["path"], *run["args"]],
            cwd=place / run.get("dir", ""),
            env={"PATH": os.environ["PATH"], "HOME": str(place), **params},
            capture_output=True,
            text=True,
            check=False,
        )
        for one in config.get("outputs", []):
            self.artifacts[one["name"]] = place / one["name"]
        return done
