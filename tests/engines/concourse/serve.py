"""A server for the tests of its rules: pipelines as data, whose tasks say what they see."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from pipelinekit import Pipeline
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing import Ground

from .server import Server
from .versions import Status

Data = dict[str, Any]

REPO: Data = {"name": "repo", "type": "git", "source": {"uri": "((git_uri))", "branch": "main"}}
GET: Data = {"get": "repo", "trigger": True}
PUSH = Scenario("push")


def task(name: str, script: str, **more: Any) -> Data:
    """A task of a shell in its working directory; what isn't a modifier belongs to its configuration."""
    modifiers = {key: more.pop(key) for key in list(more) if key in MODIFIERS.split()}
    config = {"platform": "linux", "image_resource": {"type": "registry-image", "source": {"repository": "busybox"}}}
    run = {"path": "sh", "args": ["-ec", script]}
    return {"task": name} | modifiers | {"config": config | {"run": run} | more}


MODIFIERS = "attempts timeout across fail_fast on_success on_failure on_error on_abort ensure input_mapping output_mapping privileged"


def job(name: str, *plan: Data, **more: Any) -> Data:
    return {"name": name, "plan": list(plan)} | more


def server(
    tmp_path: Path,
    *jobs: Data,
    scenario: Scenario = PUSH,
    resources: tuple[Data, ...] = (REPO,),
    kind: type[Server] = Server,
) -> Server:
    """A server with a pipeline of these jobs, on a repository to which the scenario's event is about to happen."""
    ground = Ground(tmp_path)
    p = Pipeline("rules", image="busybox")
    p.test("true")
    ground.begin(p.plan(), scenario)
    text = yaml.safe_dump({"resources": list(resources), "jobs": list(jobs)}, sort_keys=False)
    return kind({"ci/pipeline.yml": text}, ground, scenario)


def serve(tmp_path: Path, *jobs: Data, **more: Any) -> Server:
    """That server, once everything has happened."""
    found = server(tmp_path, *jobs, **more)
    found.run()
    return found


def said(found: Server, name: str = "test") -> list[str]:
    """The lines that a job's tasks have printed."""
    file = found.ground.state / "output" / name
    return [line for line in file.read_text().splitlines() if line] if file.exists() else []


def statuses(found: Server) -> dict[str, list[Status]]:
    """How the builds of the run ended, by their jobs."""
    ended: dict[str, list[Status]] = {}
    for build in found.database.builds:
        if build in found.own:
            ended.setdefault(build.job, []).append(build.status)
    return ended


def happening(kind: Any, **more: Any) -> Scenario:
    return Scenario(kind, Happening(kind, **more))
