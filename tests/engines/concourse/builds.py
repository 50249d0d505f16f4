"""A build that runs: its gets, puts and tasks, with the artifacts that they hand on (`get_step.go`, `put_step.go`, `task_step.go`)."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from . import containers, names, resources
from .pipeline import Job, Step, StepError, resource_of, seconds
from .resources import ScriptFailed
from .steps import Artifact, Artifacts, Canceled, State, run, say_end
from .variables import Scope, interpolate
from .versions import Build, Version

if TYPE_CHECKING:
    from .server import Server


@dataclass
class Running:
    server: Server
    job: Job
    build: Build

    def run(self) -> None:
        """The whole plan, and the build's status in the end. Raises NeverEnds."""
        state = State(self, Scope(self.server.world.secrets()), Artifacts({}))
        try:
            self.build.status = "succeeded" if run(self.job.step, state) else "failed"
        except Canceled:
            self.build.status = "aborted"
        except StepError as error:
            self.print(str(error))
            self.build.status = "errored"

    def print(self, text: str) -> None:
        self.server.ground.output(self.job.name, f"{text}\n")

    def get(self, step: Step, state: State) -> bool:
        """The version that the scheduler chose, laid out as files."""
        resource, found = self.build.inputs[step["get"]]
        return self._fetch(step["get"], resource, step.get("params", {}), found, step, state)

    def _fetch(self, name: str, resource: str, params: Mapping[str, Any], found: Version, step: Step, state: State) -> bool:
        if "timeout" in step:
            seconds(step["timeout"])
        source = interpolate(dict(self.server.pipeline.resources[resource].source), state.scope)
        params = interpolate(dict(params), state.scope)
        try:
            folder, metadata = self.server.cached(resource, source, params, found)
        except ScriptFailed as error:
            self.print(str(error))
            return False
        state.artifacts.own[name] = Artifact(folder)
        state.scope.local[name] = metadata
        return True

    def put(self, step: Step, state: State) -> bool:
        """Make a version of what was given; unless `no_get` says otherwise it is got at once."""
        name = step["put"]
        resource = resource_of(step)
        if "timeout" in step:
            seconds(step["timeout"])
        known = self.server.pipeline.resources[resource]
        source = interpolate(dict(known.source), state.scope)
        params = interpolate(dict(step.get("params", {})), state.scope)
        given = _put_inputs(step, state.artifacts)
        folder = self.server.world.folder("put")
        for each, artifact in given.items():
            shutil.copytree(artifact.folder, folder / each, symlinks=True)
        maker = next((artifact.maker for artifact in given.values() if artifact.maker), "")
        try:
            found = resources.kind(known.type, self.server.pipeline.types).put(self.server.world, source, params, folder, maker)
        except ScriptFailed as error:
            self.print(str(error))
            return False
        with self.server.lock:
            self.server.database.save(resource, found)
            self.build.outputs.append((resource, found))
        if step.get("no_get"):
            return True
        return self._fetch(name, resource, step.get("get_params", {}), found, step, state)

    def task(self, step: Step, state: State) -> bool:
        """A task in a container of its own; where it is a job of the plan, that begins and ends with it."""
        stage = names.stage(step["task"], step.get("config", {}))
        if stage is None or state.told:
            return self._task(step, state, stage or "")[0]
        self.server.ground.job_start(stage)
        try:
            ok, timed_out = self._task(step, state, stage)
        except (StepError, Canceled):
            say_end(state, stage, "failed")
            raise
        say_end(state, stage, "passed" if ok else "timeout" if timed_out else "failed")
        return ok

    def _task(self, step: Step, state: State, stage: str) -> tuple[bool, bool]:
        """Whether it succeeded, and whether its time was over."""
        config = self._config(step, state)
        limits = (*state.limits, *([seconds(step["timeout"])] if "timeout" in step else []))
        inputs = _inputs(step, config, state.artifacts)
        caches = {each["path"]: self.server.cache(self.job.name, step["task"], each["path"]) for each in config.get("caches", ())}
        container = containers.create(self.server.world, config, inputs, caches)
        meeting = self.server.meeting
        status = None
        try:
            with meeting.expected():
                status = containers.run(
                    container,
                    limits,
                    begun=meeting.begun,
                    over=meeting.over,
                    sleeps=(lambda: self.server.sleeps(stage)) if self.server.has_sleepers else None,
                    canceled=lambda: state.is_canceled,
                    build=lambda context: self.server.ground.image(stage, "build", context=_top(context)),
                )
        finally:
            self.print(container.output)
            if container.services():
                self.server.ground.job_start(stage, container.services())
        for output in config.get("outputs", ()):
            name = step.get("output_mapping", {}).get(output["name"], output["name"])
            state.artifacts.own[name] = Artifact(container.place / output.get("path", output["name"]), stage)
        for path, kept in caches.items():
            shutil.rmtree(kept)
            shutil.copytree(container.place / path, kept, symlinks=True)
        if status is None and state.is_canceled:
            raise Canceled
        return status == 0, status is None

    def _config(self, step: Step, state: State) -> dict[str, Any]:
        """The task's configuration, the step's params over its own, every variable in its place (`task_config_source.go`)."""
        if "file" in step:
            given = yaml.safe_load(self.file(step["file"], state).read_text())
            given = interpolate(given, Scope(step.get("vars", {})), all_known=False)
        else:
            given = step["config"]
        given = {**given, "params": {**given.get("params", {}), **step.get("params", {})}}
        found = interpolate(given, state.scope)
        assert isinstance(found, dict)
        return found

    def file(self, path: str, state: State) -> Path:
        """A file of an artifact, which the path's first part names. Raises StepError."""
        name, _, rest = path.partition("/")
        artifact = state.artifacts.get(name)
        if artifact is None or not rest:
            raise StepError(f"unknown artifact source: '{name}' in file path '{rest}'")
        found = artifact.folder / rest
        if not found.is_file():
            raise StepError(f"file '{rest}' not found within artifact '{name}'")
        return found


def _inputs(step: Step, config: Mapping[str, Any], artifacts: Artifacts) -> dict[str, Path]:
    """The folders of a task's inputs, by the paths at which it wants them. Raises StepError: `missing inputs`."""
    found: dict[str, Path] = {}
    missing = []
    for each in config.get("inputs", ()):
        name = step.get("input_mapping", {}).get(each["name"], each["name"])
        artifact = artifacts.get(name)
        if artifact is not None:
            found[each.get("path") or each["name"]] = artifact.folder
        elif not each.get("optional"):
            missing.append(name)
    if missing:
        raise StepError(f"missing inputs: {', '.join(missing)}")
    return found


def _put_inputs(step: Step, artifacts: Artifacts) -> dict[str, Artifact]:
    """All artifacts, those that params name with their first part, or those of a list (`put_inputs.go`)."""
    asked = step.get("inputs", "detect")
    known = artifacts.all()
    if asked == "all":
        return known
    if asked == "detect":
        words = json.dumps(step.get("params", {}))
        return {name: artifact for name, artifact in known.items() if f'"{name}/' in words or f'"{name}"' in words}
    for name in asked:
        if name not in known:
            raise StepError(f"input not found: {name}")
    return {name: known[name] for name in asked}


def _top(folder: Path) -> Path:
    """The tree that a folder lies in."""
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
