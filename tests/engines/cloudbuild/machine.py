"""The machine of one build: its folders, its docker, and the steps that run on it.

"Each build step is run with docker, one machine for the whole build; /workspace persists"
(cloud.google.com/build/docs/build-config-file-schema). Order: a step starts once all that it waits for has succeeded, or was
allowed to fail; the first step that fails ends the build, and those that run then are cancelled (`build.go` of the local builder, `runBuildSteps`;
BuildStep.allow_failure and Build.Status in the proto).

Two choices are the engine's own, both of them what a real build may do as well. Steps that are ready start all at once, the last
of the file first. And a step that fails takes as long as the rest of the build needs that doesn't depend on it, but
less than a second: what sleeps longer is cancelled.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelinekit.semantics.trace import Outcome
from pipelinekit.testing import Ground
from pipelinekit.testing.ground import git
from tests.engines.cloudbuild import container
from tests.engines.cloudbuild.builds import Build, Status, Step
from tests.engines.cloudbuild.docker import Docker
from tests.engines.cloudbuild.jobs import demanding, jobs
from tests.engines.cloudbuild.programs import Answer, Call

HOME = "/builder/home"
ENTRYPOINTS = {
    "gcr.io/cloud-builders/docker": "docker",
    "gcr.io/cloud-builders/git": "git",
    "gcr.io/cloud-builders/gcloud": "gcloud",
    "gcr.io/cloud-builders/gsutil": "gsutil",
}
"""What images of Google's start with; any other image starts what `args` begins with."""

PATIENCE = 1.0
"""Seconds that a failed step leaves the others."""


@dataclass
class Running:
    """A step that runs. `sleepers` are its calls of programs that take time: when they end, and what ends them."""

    step: Step
    process: subprocess.Popen[bytes]
    watch: int
    log: Path
    sleepers: dict[Call, tuple[float, Callable[[], Answer]]] = field(default_factory=dict)
    naps: int = 0


class Machine:
    """Runs one build. `now` is the engine's clock; `watch` has a function called when a process ends, and gives its handle."""

    def __init__(
        self,
        build: Build,
        ground: Ground,
        folder: Path,
        *,
        root: Path,
        buckets: Path,
        secrets: Mapping[str, str],
        now: Callable[[], float],
        watch: Callable[[int, Callable[[], None]], int],
        unwatch: Callable[[int], None],
    ) -> None:
        self.build = build
        self.ground = ground
        self.folder = folder
        self.root = root
        self.buckets = buckets
        self.secrets = secrets
        self.now = now
        self.watch = watch
        self.unwatch = unwatch
        self.jobs = jobs(build)
        self.docker = Docker(ground.image)
        self.running: dict[int, Running] = {}
        self.failed: tuple[Running, int, float] | None = None
        self.said: set[str] = set()
        self.begun: set[str] = set()

    def prepare(self) -> None:
        """Put the commit into /workspace: it is fetched shallow, without other branches or history ("Including the repository history",
        cloud.google.com/build/docs/automating-builds/create-manage-triggers).
        """
        for name in ("workspace", "home", "volumes", "steps"):
            (self.folder / name).mkdir(parents=True)
        tree = self.folder / "workspace"
        git(tree, "init", "--quiet", "--template=", "--initial-branch=master")
        git(tree, "remote", "add", "origin", str(self.ground.repository))
        git(tree, "fetch", "--quiet", "--depth=1", "--no-tags", "origin", self.build.commit)
        git(tree, "reset", "--quiet", "--hard", "FETCH_HEAD")

    def advance(self) -> bool:
        """Start what can start, and end the build when nothing more will happen. Whether anything changed."""
        if self.build.is_over:
            return False
        if self.build.status == "QUEUED":
            self.begin()
            return True
        ready = [step for step in reversed(self.build.steps) if step.status == "QUEUED" and self.is_ready(step)]
        for step in ready:
            self.start(step)
        if ready:
            return True
        if self.failed and not self.running:
            self.fail()
            return True
        if not self.running:
            self.finish("SUCCESS")
            return True
        return False

    def begin(self) -> None:
        """A secret's version that isn't there fails the build before its first step ("Use secrets from Secret Manager",
        cloud.google.com/build/docs/securing-builds/use-secrets); what that means for jobs is
        said in `jobs`.
        """
        self.build.status, self.build.started = "WORKING", self.now()
        known = {entry["env"]: entry["versionName"] for entry in self.build.data.get("availableSecrets", {}).get("secretManager", [])}
        absent = {name for name, version in known.items() if version.split("/")[3] not in self.secrets}
        if absent:
            self.build.detail = f"failed to access secrets: {', '.join(sorted(known[name] for name in absent))}"
            self.ground.output("cloudbuild", f"{self.build.detail}\n")
            for step in demanding(self.build, absent):
                self.ground.job_start(self.jobs[step.index])
                self.end_job(step, "failed")
            self.finish("FAILURE")
            return
        self.prepare()

    def is_ready(self, step: Step) -> bool:
        return all(self.is_past(self.build.steps[index]) for index in step.waits)

    def is_past(self, step: Step) -> bool:
        """What failed and was allowed to lets the build go on; a failure that ends the build is never looked at here."""
        return step.status in ("SUCCESS", "FAILURE")

    def start(self, step: Step) -> None:
        folder = self.folder / "steps" / str(step.index)
        folder.mkdir()
        step.status, step.began = "WORKING", self.now()
        job = self.jobs[step.index]
        if job not in self.begun:
            self.begun.add(job)
            self.ground.job_start(job)
        log = folder / "log"
        process = container.start(self.words(step, folder), self.environment(step), self.place(step), self.root, self.binds(step), log)
        handle = self.watch(process.pid, lambda: self.ended(step))
        self.running[step.index] = Running(step, process, handle, log)

    def words(self, step: Step, folder: Path) -> list[str]:
        """What the container runs: the script, by its first line or sh; or the entrypoint with its arguments."""
        if "script" in step.data:
            text = str(step.data["script"])
            path = folder / "script"
            path.write_text(text if text.startswith("#!") else f"#!/bin/sh\n{text}")
            path.chmod(0o755)
            return [str(path)]
        image = str(step.data["name"]).partition("@")[0].rpartition(":")[0] or str(step.data["name"])
        entrypoint = step.data.get("entrypoint") or ENTRYPOINTS.get(image)
        return [*([entrypoint] if entrypoint else []), *step.data.get("args", [])] or ["/bin/sh"]

    def environment(self, step: Step) -> dict[str, str]:
        """Plain variables and secrets, the build's first; with automapSubstitutions every substitution too."""
        options = self.build.data.get("options", {})
        found = self.ground.environment(HOME=HOME, BUILDER_OUTPUT="/builder/outputs")
        if step.data.get("automapSubstitutions", options.get("automapSubstitutions", False)):
            found |= self.build.substitutions
        for entry in [*options.get("env", []), *step.data.get("env", [])]:
            name, _, value = entry.partition("=")
            found[name] = value
        for entry in self.build.data.get("availableSecrets", {}).get("secretManager", []):
            if entry["env"] in [*options.get("secretEnv", []), *step.data.get("secretEnv", [])]:
                found[entry["env"]] = self.secrets[entry["versionName"].split("/")[3]]
        return found

    def place(self, step: Step) -> str:
        """`dir`: below /workspace, unless it is absolute."""
        folder = os.path.normpath(os.path.join("/workspace", str(step.data.get("dir", ""))))
        if folder.startswith("/workspace/"):
            (self.folder / folder.removeprefix("/")).mkdir(parents=True, exist_ok=True)
        return folder

    def binds(self, step: Step) -> dict[str, Path]:
        found = {"/workspace": self.folder / "workspace", HOME: self.folder / "home", str(self.ground.root): self.ground.root}
        for volume in [*self.build.data.get("options", {}).get("volumes", []), *step.data.get("volumes", [])]:
            shown = self.folder / "volumes" / volume["name"]
            shown.mkdir(exist_ok=True)
            found[volume["path"]] = shown
        return found

    def ended(self, step: Step) -> None:
        """A step's process is gone."""
        running = self.running.pop(step.index)
        self.close(running)
        code = running.process.returncode
        if code == 0 or step.allows(code):
            step.status = "SUCCESS" if code == 0 else "FAILURE"
            self.end_job(step, "passed" if code == 0 else "allowed")
        elif self.failed is None:
            self.failed = (running, code, self.now())
        else:
            step.status = "FAILURE"
            self.end_job(step, "failed")

    def end_job(self, step: Step, outcome: Outcome) -> None:
        """A job ends with the last of its steps, or the first that fails."""
        job = self.jobs[step.index]
        last = all(other.status == "SUCCESS" for other in self.build.steps if self.jobs[other.index] == job)
        if job not in self.said and (outcome != "passed" or last):
            self.said.add(job)
            self.ground.job_end(job, outcome)

    def close(self, running: Running) -> None:
        self.unwatch(running.watch)
        container.kill(running.process.pid)
        running.process.wait()
        for call in running.sleepers:
            call.reply(Answer())
        self.ground.output(running.step.id, running.log.read_text(errors="replace"))

    def fail(self) -> None:
        """The failed step is noticed."""
        assert self.failed is not None
        running, code, _ = self.failed
        step = running.step
        step.status = "TIMEOUT" if code == TIMED_OUT else "FAILURE"
        self.end_job(step, "timeout" if code == TIMED_OUT else "failed")
        self.finish("FAILURE")

    def time_out(self, running: Running) -> None:
        """A step's own timeout: it fails ("timeout" of a step, build-config-file-schema)."""
        self.running.pop(running.step.index)
        self.close(running)
        if running.step.allows(TIMED_OUT):
            running.step.status = "FAILURE"
            self.end_job(running.step, "allowed")
        elif self.failed is None:
            self.failed = (running, TIMED_OUT, self.now())

    def finish(self, status: Status) -> None:
        """The build is over: what runs is cancelled, its job ended as a failed one; after a success images and files are uploaded."""
        for running in self.running.values():
            self.close(running)
            running.step.status = "CANCELLED"
            self.end_job(running.step, "timeout" if status == "TIMEOUT" else "failed")
        self.running.clear()
        self.build.status = status
        if status == "SUCCESS":
            self.push()

    def push(self) -> None:
        """`images` and `artifacts.objects`: pushed and uploaded once all steps have succeeded (Build.images and Artifacts in the proto)."""
        for ref in [*self.build.data.get("images", []), *self.build.data.get("artifacts", {}).get("images", [])]:
            if ref not in self.docker.images or self.ground.image(self.docker.images[ref], "push", ref):
                self.build.status = "FAILURE"
        objects = self.build.data.get("artifacts", {}).get("objects", {"location": "gs://", "paths": []})
        target = self.buckets / objects["location"].removeprefix("gs://")
        for found in (path for name in objects["paths"] for path in (self.folder / "workspace").glob(name)):
            target.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found, target / found.name)

    def stuck(self) -> None:
        """Give up: nothing has happened for too long."""
        self.ground.output("cloudbuild", f"gave up waiting for {[running.step.id for running in self.running.values()]}\n")
        self.finish("TIMEOUT")

    def clear(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


TIMED_OUT = -1000
"""In place of an exit code."""
