"""What reads GitLab's files: Psych, the server's rules, the runner's own code, and the shells that its scripts are for."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipelinekit import Pipeline, on
from pipelinekit.backend import Limit
from pipelinekit.model.plan import Plan, Stage
from pipelinekit.model.value import replace
from tests.engines.gitlab.variables import Variable, declared, merged, on_server
from tests.fuzz import shells
from tests.fuzz.place import refusal
from tests.readers import gitlab_go

RUNNER = "gitlab-runner 19.4"
SERVER = "Psych, rules of the server"
Job = dict[str, Any]
ROOT = ".gitlab-ci.yml"
POSIX = ("dash",)
"""Shells that can't read the runner's scripts unless it is told to write them otherwise (`FF_POSIXLY_CORRECT_ESCAPES`). That way is wrong
for variables: a `'` in one stays without quotes. So an image needs bash or busybox, and dash is asked about commands alone.
"""


def _pipeline() -> Plan:
    p = Pipeline("fuzz", image="busybox", triggers=[on.push()])
    p.test("true")
    return p.plan()


PLAN = _pipeline()


def stage(name: str = "test", **fields: Any) -> Stage:
    return replace(PLAN.stages[0], name=name, **fields)


def plan(*stages: Stage, **fields: Any) -> Plan:
    return replace(PLAN, stages=stages, **fields)


def read(plan: Plan, count: int) -> list[dict[str, Any]] | Limit:
    """The documents of the pipeline's file, as the server reads them; or the limit that refuses the one text there is."""
    limit, files = refusal(plan, "gitlab")
    if limit and count > 1:
        raise ValueError(limit.name)
    if limit:
        return limit
    found: list[dict[str, Any]] = gitlab_go.documents([files[ROOT]])[0]
    return found


def _entry(config: Mapping[str, Any], name: str) -> Job:
    own = config[name]
    return own if "inherit" in own else {**config.get("default", {}), **own}


def sent(config: Mapping[str, Any], name: str, known: Mapping[str, Variable]) -> Job:
    """A job as the server sends it to a runner, given the variables that it has beside the file's."""
    entry = _entry(config, name)
    variables = on_server(merged(known, declared(config.get("variables", {})), declared(entry.get("variables", {}))))
    services = [
        {**each, "variables": [{"key": key, "value": text} for key, text in each.get("variables", {}).items()]}
        for each in entry.get("services", ())
    ]
    kept = entry.get("artifacts", {})
    artifacts = [{"paths": kept["paths"], "artifact_type": "archive", "artifact_format": "zip"}] if "paths" in kept else []
    return {
        "id": 1,
        "token": "t",
        "git_info": {"repo_url": "https://gitlab.example.com/acme/widget.git"},
        "variables": [{"key": each.key, "value": each.value, "raw": each.raw, "file": each.file} for each in variables.values()],
        "steps": [{"name": "script", "script": [*entry.get("before_script", ()), *entry["script"]]}],
        "image": {"name": entry.get("image", "")},
        "services": services,
        "artifacts": artifacts,
    }


@contextmanager
def tree() -> Iterator[Path]:
    """A folder for a runner, with a folder of programs."""
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "bin").mkdir()
        yield Path(name)


def run(job: Job, shell: str, folder: Path, stage: str = "step_script") -> bytes:
    """What a job's script writes to the file OUT; what it prints is mixed with lines of the runner."""
    out, script = folder / "out", folder / "script"
    (answer,) = gitlab_go.ask([job], str(folder))
    Path(answer["folder"]).mkdir(parents=True, exist_ok=True)
    script.write_text(answer["scripts"][stage], encoding="utf-8")
    environment = {"PATH": f"{folder / 'bin'}:{shells.folder(shell)}:/usr/bin:/bin", "OUT": str(out)}
    words = [str(shells.folder(shell) / "sh"), str(script)]
    subprocess.run(words, env=environment, cwd=folder, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return out.read_bytes()


def programs(scripts: Sequence[str], shell: str) -> list[bytes]:
    """What the shell makes of the one word that each of the runner's scripts evaluates."""
    words = [script.partition("; eval ")[2].rpartition(") < /dev/null\nexit 0\n")[0] for script in scripts]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write("".join(f"printf '%s\\0' {word}\n" for word in words))
        file.flush()
        return shells.split(shells.run([str(shells.folder(shell) / "sh"), file.name], shell))
