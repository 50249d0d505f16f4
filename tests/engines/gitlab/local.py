"""gitlab-ci-local as a second witness, written by others: https://github.com/firecow/gitlab-ci-local.

It is an emulator, with no line of GitLab's own code in it: level L2. It lists jobs, evaluates rules, needs and matrices,
fills variables, runs the scripts and moves the artifacts; what it doesn't do is said by `cannot`, below.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from pipelinekit.lowering.tags import NAME as TAG_GUARD
from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.interpreter import Run as Prepared
from pipelinekit.semantics.interpreter import commands, prepare
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Level
from pipelinekit.testing.ground import EMAIL, Ground, git
from pipelinekit.testing.hostile import CALLING_CARD
from pipelinekit.testing.scenarios import scenarios
from tests.readers import gitlab_engine, gitlab_jobs, scalars

from . import project
from .engine import plan_name
from .happenings import Event, event, trunk
from .programs import Builders
from .project import Project

ORIGIN = "git@gitlab.com:acme/widget.git"
SECONDS = 60
OPTIONS = ("--no-color", "--no-artifacts-to-source", "--max-job-name-padding=0", "--no-json-schema-validation")
SHELL = ("--force-shell-executor", "--shell-isolation")
_EVENT = ("CI_MERGE_REQUEST_", "CI_COMMIT_TAG", "CI_COMMIT_TITLE", "CI_COMMIT_AUTHOR", "CI_COMMIT_REF_NAME", "CI_PIPELINE_S")
_STARTED = re.compile(r"^(?:\t*\[[^]]+\] -> )?(?P<name>.+?) starting \S+ \(")
_FINISHED = re.compile(r"^(?:\t*\[[^]]+\] -> )?(?P<name>.+?) finished in [\d.]+ \w+\s*(?:(?P<how>FAIL|WARN) \d+)?\s*$")


class Local:
    """gitlab-ci-local with its shell executor, each job in a folder of its own."""

    name = "gitlab-ci-local"
    level: Level = "L2"
    hides: Mapping[Feature, str] = {
        **dict.fromkeys(("push", "branches", "pull_request", "tag", "schedule"), "it never asks workflow:rules"),
        **dict.fromkeys(("lock", "block", "overtaking", "cancel_superseded"), "it ignores resource_group and interruptible"),
        "retries": "it ignores retry",
        "timeout": "it ignores timeout",
        "gate": "gates that nobody answers are not looked at here",
        "gate_timeout": "nobody waits that long",
        "optional_secrets": "missing secrets are not looked at here",
        "bash": "its shell executor is always bash",
        "runner": "everything runs on this machine",
        "checkout": "the trees are copies of one clone",
        **dict.fromkeys(("cache", "reports", "keep"), "a trace doesn't look at them"),
    }

    def missing(self) -> str | None:
        return gitlab_engine.available()

    def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
        """Two runs of a pipeline are enough: one of its first event in which all goes well, one in which the first job fails; and a
        pull request's, where its jobs are others. Each of them takes a second.
        """
        return next(_reasons(plan, scenario, prepare(plan, scenario)), None)

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        Once(files, project.of(ground.setup), ground, scenario).run()

    def close(self) -> None:
        """Nothing is left running between scenarios."""


def _reasons(plan: Plan, scenario: Scenario, run: Prepared) -> Iterator[str]:
    if run.event is None:
        yield "it never asks workflow:rules, so that every event starts a run"
        return
    if re.search(r"[$%]", scenario.happening.branch + scenario.happening.tag):
        yield "it never asks workflow:rules, which keep out branches and tags with such names"
    first = prepare(plan, scenarios(plan)[0])
    if run.event.inputs or run.event.kind == "manual":
        yield "it has no form of a new pipeline"
    if not _adds(scenario, run, first):
        yield "one passing run, one failing run and one pull request of a pipeline are enough"
    if any(job.services for job in run.jobs):
        yield "its shell executor starts no services; test_containers.py does"
    locks = [job.lock for job in run.jobs if job.lock]
    if len(set(locks)) < len(locks):
        yield "it ignores resource_group"
    if any("$(" in command and job.reports and job.outputs for job in run.jobs for command in job.commands if CALLING_CARD in command):
        yield "it pastes the names of reported files into a script of its own, which runs them"
    outside = {job.name for job in run.jobs if job.environment is None}
    if any(need.paths and need.stage in outside for job in run.jobs if job.environment for need in job.needs):
        yield "it knows no needs:pipeline, by which a child pipeline takes files of its parent"


def _adds(scenario: Scenario, run: Prepared, first: Prepared) -> bool:
    """Whether a scenario shows something that others of the pipeline don't, as far as gitlab-ci-local could notice it."""
    odd = scenario.missing or scenario.rejected or scenario.overtaken or scenario.happening.beside_trunk
    if odd or (run.event != first.event and not _other_request(scenario, run, first)):
        return False
    if not scenario.failures:
        return True
    jobs = [job for job in run.jobs if not job.is_gate]
    wanted = next((job for job in jobs if not job.retries), None)
    if wanted is None or wanted.environment or any(job.is_post for job in jobs):
        return False  # it ignores retry, starts nothing after what was skipped, and a child pipeline's failure is no failure
    (failure,) = scenario.failures
    return (failure.job, failure.kind, failure.index) == (wanted.name, "exit", commands(wanted) - 1)


def _other_request(scenario: Scenario, run: Prepared, first: Prepared) -> bool:
    """A plain pull request whose jobs are not those of the first event."""
    plain = scenario.happening.kind == "pull_request" and not scenario.failures
    return plain and [job.name for job in run.jobs] != [job.name for job in first.jobs]


class Once:
    """One scenario."""

    executor: tuple[str, ...] = SHELL

    def __init__(self, files: Mapping[str, str], settings: Project, ground: Ground, scenario: Scenario) -> None:
        self.files, self.project, self.ground, self.scenario = files, settings, ground, scenario
        self.folder = ground.work / "widget"
        self.home = ground.work / "local-home"
        ground.private(self.home / ".gitlab-ci-local")  # its store of variables

    def run(self) -> None:
        happened = event(self.ground, self.project, self.files, self.scenario)
        if happened is None:
            self.ground.run_end("nothing")
            return
        self._repository(happened)
        self._store(happened)
        builders = Builders(self.ground, plan_name)
        try:
            status, printed = self._engine(happened)
        finally:
            builders.close()
        self.ground.output("gitlab-ci-local", printed)
        self._tell(printed)
        self.ground.run_end("passed" if status == 0 else "failed")

    def environment(self) -> dict[str, str]:
        """What it is called with; its shell executor hands it on to the jobs."""
        return self.ground.environment()

    def services(self, entry: Mapping[str, Any]) -> list[str]:
        """`alias:port` of the services of a job that has got as far as its own commands."""
        del entry
        return []

    def _repository(self, happened: Event) -> None:
        """The tree in which it is called: the commit, on its branch, and the rendered files, as a repository has them."""
        self.ground.checkout(self.folder, happened.sha)
        branch = happened.predefined.get("CI_COMMIT_BRANCH") or "detached"
        git(self.folder, "checkout", "--quiet", "-B", branch)
        git(self.folder, "remote", "add", "gcl-origin", ORIGIN)
        git(self.folder, "remote", "set-head", "origin", trunk(self.ground))
        git(self.folder, "config", "user.name", "Ada Lovelace")
        git(self.folder, "config", "user.email", EMAIL)
        for path, text in self.files.items():
            target = self.folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        git(self.folder, "add", "--", *self.files)
        self.ground.files = {**self.ground.files, **self.files}

    def _store(self, happened: Event) -> None:
        """Its file of the project's variables, which knows scopes and files; protected ones are left out where GitLab would."""
        found: dict[str, dict[str, object]] = {}
        for each in self.project.stored:
            if each.key in self.ground.secrets and (happened.protected or not each.protected):
                entry = found.setdefault(each.key, {"type": "file" if each.file else "variable", "values": {}})
                values = entry["values"]
                assert isinstance(values, dict)
                text = self.ground.secrets[each.key]
                values[each.scope] = text if each.file else text.replace("$", "$$")  # it expands what is no file
        path = self.home / ".gitlab-ci-local/variables.yml"
        path.parent.mkdir(parents=True)
        path.write_text(yaml.safe_dump({"project": {"gitlab.com/acme/widget.git": found}}))

    def _engine(self, happened: Event) -> tuple[int, str]:
        told = {key: value for key, value in happened.predefined.items() if key.startswith(_EVENT)}
        words = [f"--variable={key}={value}" for key, value in told.items()]
        words += [] if "CI_COMMIT_BRANCH" in happened.predefined else ["--unset-variable=CI_COMMIT_BRANCH"]
        words += [f"--manual={name}" for name, job in self._entries() if job.get("when") == "manual"]
        told_about = {"GIT_CONFIG_NOSYSTEM": "1", "GCL_IGNORE_PREDEFINED_VARS": ",".join(told)}
        process = subprocess.Popen(
            ["node", str(gitlab_engine.script()), *OPTIONS, *self.executor, f"--home={self.home}", *words],
            cwd=self.folder,
            env={**self.environment(), **told_about},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # it ignores SIGTERM
            printed, _ = process.communicate()
        return process.returncode, printed

    def _entries(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The jobs of all files, by their names."""
        for text in self.files.values():
            yield from gitlab_jobs.jobs(scalars.documents(text)[-1]).items()

    def _tell(self, printed: str) -> None:
        """Put what it printed of jobs into the record, whose other rows the jobs themselves wrote."""
        entries = dict(self._entries())
        happened = [each for each in _lines(printed) if each.job.partition(": [")[0] in entries]
        rows = [Row(line) for line in self.ground.log.read_text().splitlines()]
        for place, each in enumerate(happened):
            entry = entries[each.job.partition(": [")[0]]
            name = plan_name(re.sub(r",(?! )", ", ", each.job))
            own = _own(rows, name)
            later = [_own(rows, plan_name(re.sub(r",(?! )", ", ", other.job))) for other in happened[place:] if other.started]
            if entry.get("when") == "manual":
                row = None if each.started else Row(f"gate\t-\t{name}\tapproved\t")
            elif each.job == TAG_GUARD:
                row = None
            elif each.started:
                row = Row(f"job.start\t-\t{name}\t\t{json.dumps(self.services(entry) if own else [])}")
            else:
                row = Row(f"job.end\t-\t{name}\t{each.outcome}\t")
            if row is None:
                continue
            before = min((min(indexes) for indexes in later if indexes), default=len(rows))
            after = max(own, default=-1) + 1
            rows.insert(min(own, default=before) if each.started else max(after, before), row)
        self.ground.log.write_text("".join(f"{row.text}\n" for row in rows))


@dataclass(frozen=True)
class Line:
    """A line of its output about a job: that it started, or how it ended."""

    job: str
    started: bool
    outcome: str = ""


@dataclass(eq=False)
class Row:
    """A row of the record."""

    text: str

    @property
    def key(self) -> str:
        return self.text.split("\t")[1]

    @property
    def job(self) -> str:
        return self.text.split("\t")[2]


def _lines(printed: str) -> Iterator[Line]:
    for line in printed.splitlines():
        if match := _STARTED.match(line):
            yield Line(match["name"], started=True)
        elif match := _FINISHED.match(line):
            yield Line(match["name"], started=False, outcome={"FAIL": "failed", "WARN": "allowed"}.get(match["how"] or "", "passed"))


def _own(rows: list[Row], job: str) -> list[int]:
    """The places of a job's rows: those that name it, and those of its processes."""
    keys = {row.key for row in rows if row.job == job and row.key != "-"}
    return [place for place, row in enumerate(rows) if row.job == job or row.key in keys]
