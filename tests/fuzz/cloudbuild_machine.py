"""A build as protobuf reads it, and a step of it as Cloud Build runs it: for texts that are carried by the thousand.

`$` is filled in by the two readers that are written from the local builder's `subst.go`: that of a build that must match, and that of one
that a trigger starts.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from google.cloud.devtools.cloudbuild_v1.types import Build, BuildTrigger
from google.protobuf import json_format

from pipelinekit.backend import Limit
from pipelinekit.model.plan import Plan
from tests.engines.cloudbuild import substitutions
from tests.fuzz import shells
from tests.fuzz.place import refusal
from tests.readers.cloudbuild_substitutions import expand

TRIGGERS = "cloudbuild.triggers.yaml"
BUILT_IN = {"COMMIT_SHA": "0" * 40, "BUILD_ID": "1", "LOCATION": "europe-west1", "PROJECT_ID": "acme", "BRANCH_NAME": "main"}


def messages(plan: Plan, count: int) -> dict[str, Any] | Limit:
    """The builds and triggers by file and name, as protobuf reads them; or the limit that refuses the one text there is."""
    limit, files = refusal(plan, "cloudbuild")
    if limit and count > 1:
        raise ValueError(limit.name)
    if limit:
        return limit
    found: dict[str, Any] = {}
    for path, text in files.items():
        for document in yaml.load_all(text, Loader=yaml.CSafeLoader):
            message = (BuildTrigger if path == TRIGGERS else Build).pb()()
            json_format.ParseDict(document, message, ignore_unknown_fields=False)
            found[message.name if path == TRIGGERS else path] = message
    return found


def build_of(plan: Plan, count: int, path: str = "cloudbuild.yaml") -> Any:
    found = messages(plan, count)
    return found if isinstance(found, Limit) else found[path]


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text as the step gets it. Raises when a build by hand and one of a trigger would differ."""
    own = expand(text, values)
    if own != substitutions.expand(text, values, loose=True, dynamic=True):
        raise ValueError(text)
    return own


def values_of(build: Any, **given: str) -> dict[str, str]:
    """The substitutions of a build that a trigger starts."""
    return substitutions.resolved({**build.substitutions, **BUILT_IN, **given}, loose=True, dynamic=True)


def environment(build: Any, step: Any, **given: str) -> dict[str, str]:
    values = values_of(build, **given)
    entries = (entry.partition("=") for entry in (*build.options.env, *(filled(entry, values) for entry in step.env)))
    return {name: text for name, _, text in entries}


def step_of(build: Any, name: str) -> Any:
    return next(step for step in build.steps if step.id == name)


@contextmanager
def machine() -> Iterator[Path]:
    """A machine's folders: those that steps share, and programs of a builder image."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in ("workspace", "artifacts", "kept", "caches", "tmp", "bin"):
            (folder / each).mkdir()
        yield folder


def run(build: Any, step: Any, shell: str, folder: Path, **given: str) -> bytes:
    """What a step's script prints. The folders that steps share lie below `folder`."""
    script = step.script
    for each in ("workspace", "artifacts", "kept", "caches"):
        script = script.replace(f"/{each}/", f"{folder}/{each}/")
    (folder / "script").write_bytes(script.encode())
    variables = {
        "PATH": f"{folder / 'bin'}:{shells.folder(shell)}:/usr/bin:/bin",
        "TMPDIR": str(folder / "tmp"),
        **environment(build, step, **given),
    }
    words = [str(shells.folder(shell) / "sh"), str(folder / "script")]
    done = subprocess.run(words, env=variables, cwd=folder / "workspace", capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return done.stdout


def docker(build: Any, step: Any) -> list[bytes]:
    """The words that the first docker of a script is called with."""
    with machine() as folder:
        shells.add(folder / "bin", "docker", f'#!/bin/sh\nargs "$@" >>{folder}/called\n')
        run(build, step, "dash", folder)
        return shells.split((folder / "called").read_bytes())


def touch(folder: Path, texts: Sequence[str]) -> None:
    for text in texts:
        (folder / text).parent.mkdir(parents=True, exist_ok=True)
        (folder / text).touch()
