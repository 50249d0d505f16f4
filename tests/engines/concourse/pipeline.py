"""A pipeline as the server keeps it: resources, jobs with their inputs, groups (`atc/config.go`, `atc/job_config.go`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from tests.readers import concourse
from tests.readers.concourse_grammar import HOOKS, core_of, job_steps

Step = dict[str, Any]


class Refused(ValueError):
    """What `fly set-pipeline` or the server says against the file; nothing of it is ever run."""


class StepError(Exception):
    """A step that errors, which is not failing: a missing input, a variable that nobody knows, a resource that can't."""


@dataclass(frozen=True)
class Resource:
    name: str
    type: str
    source: Mapping[str, Any]
    check_every: str = ""


@dataclass(frozen=True)
class Get:
    """An input of a job. `version` is `latest` or `every`."""

    name: str
    resource: str
    passed: tuple[str, ...] = ()
    trigger: bool = False
    version: str = "latest"


@dataclass(frozen=True)
class Job:
    """`step` is the plan with the job's hooks around it; `limit` is how many builds of its `groups` run at once, 0 for any number."""

    name: str
    step: Step
    gets: tuple[Get, ...]
    puts: tuple[str, ...]
    groups: frozenset[str]
    limit: int
    reruns: bool = True

    @property
    def is_triggered(self) -> bool:
        return any(get.trigger for get in self.gets)


@dataclass(frozen=True)
class Pipeline:
    resources: Mapping[str, Resource]
    types: Mapping[str, str]
    jobs: Mapping[str, Job]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def upstream(self, job: str) -> list[str]:
        """A job and all jobs before it, in the order in which a version goes through them."""
        found: dict[str, None] = {}
        for get in self.jobs[job].gets:
            for passed in get.passed:
                found.update(dict.fromkeys(self.upstream(passed)))
        return [*found, job]


def read(files: Mapping[str, str]) -> Pipeline:
    """The one pipeline among the files. Raises Refused for what Concourse would not take."""
    return _read(tuple(sorted(files.items())))


@cache
def _read(files: tuple[tuple[str, str], ...]) -> Pipeline:
    said = concourse.problems(dict(files))
    if said:
        raise Refused("\n".join(said))
    documents = [data for data in concourse.read(dict(files)).values() if "jobs" in data]
    if len(documents) != 1:
        raise Refused(f"{len(documents)} pipelines, where there is to be one")
    return of(documents[0])


def of(data: Mapping[str, Any]) -> Pipeline:
    """The pipeline of a document."""
    resources = [Resource(each["name"], each["type"], each.get("source", {}), each.get("check_every", "")) for each in data["resources"]]
    types = {each["name"]: _image_of(each) for each in data.get("resource_types", ())}
    names = [job["name"] for job in data["jobs"]]
    jobs = {job["name"]: _job(job, names) for job in data["jobs"]}
    groups = {
        group["name"]: tuple(name for name in names if any(fnmatchcase(name, glob) for glob in group.get("jobs", ())))
        for group in data.get("groups", ())
    }
    return Pipeline({each.name: each for each in resources}, types, jobs, groups)


def _image_of(resource_type: Mapping[str, Any]) -> str:
    return str(resource_type.get("source", {}).get("repository", ""))


def _job(job: Step, names: list[str]) -> Job:
    """`StepConfig`, `Inputs` and `MaxInFlight` of `atc/job_config.go`: hooks count as steps, serial groups allow one build."""
    step: Step = {"do": job["plan"]} | {hook: job[hook] for hook in HOOKS if hook in job}
    steps = [each for _, each in job_steps(job)]
    gets = tuple(_get(each, names) for each in steps if core_of(each) == "get")
    puts = tuple(resource_of(each) for each in steps if core_of(each) == "put")
    groups = frozenset(job.get("serial_groups", ())) | ({job["name"]} if job.get("serial") or "max_in_flight" in job else set())
    limit = 1 if job.get("serial") or job.get("serial_groups") else job.get("max_in_flight", 0)
    return Job(job["name"], step, gets, puts, groups, limit, not job.get("disable_reruns", False))


def resource_of(step: Mapping[str, Any]) -> str:
    """The resource that a get or a put uses: its own name, unless it says another."""
    return str(step.get("resource") or step.get("get") or step["put"])


def _get(step: Mapping[str, Any], names: list[str]) -> Get:
    passed = tuple(name for name in names if any(fnmatchcase(name, glob) for glob in step.get("passed", ())))
    version = step.get("version", "latest")
    if not isinstance(version, str):
        raise Refused(f"get {step['get']}: a pinned version is nothing that this interpreter knows")
    return Get(step["get"], resource_of(step), passed, step.get("trigger", False), version)


_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")


def seconds(duration: str) -> float:
    """Go's `time.ParseDuration`, without signs. Raises StepError."""
    parts = list(_parts(duration))
    if not parts:
        raise StepError(f"time: invalid duration {duration!r}")
    return sum(parts)


def _parts(duration: str) -> Iterator[float]:
    position = 0
    while position < len(duration):
        match = _PART.match(duration, position)
        if match is None:
            raise StepError(f"time: invalid duration {duration!r}")
        yield float(match[1]) * _UNITS[match[2]]
        position = match.end()
