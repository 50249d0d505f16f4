"""What the plan calls the things of a pipeline: the one place that knows how this translation names them.

A stage is a task; its name is the task's, with the values of an `across` step put in. Job names stand behind their
event's (`pr-test`, `nightly-train`), which is the label of their group: `trunk`, `pull-requests`, or the name of the
tag, schedule or manual run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipelinekit.semantics.scenario import Happening

from .pipeline import Job, Pipeline
from .variables import coerced

_PROBE = re.compile(r"\bpk-probe (?:done|at) ([^\s;]+)")
_VARIABLE = re.compile(r"\$\{(\w+)\}")


def stage(task: str, config: Mapping[str, Any]) -> str | None:
    """The plan's job that a task is, or None for a helper's (packing files, shortening a commit).

    Concourse's names have no capitals, which cells may have: the probe among the commands spells them as they are.
    """
    found = _PROBE.search("".join(config.get("run", {}).get("args", ())))
    if found:
        params = config.get("params", {})
        return _VARIABLE.sub(lambda match: coerced(params.get(match[1], match[0])), found[1])
    return task if is_build(config) else None


def is_build(config: Mapping[str, Any]) -> bool:
    """Whether a task builds an image."""
    source = (config.get("image_resource") or {}).get("source", {})
    return str(source.get("repository", "")).endswith("oci-build-task")


def chain(pipeline: Pipeline, happening: Happening, fresh: Iterable[str]) -> tuple[str, ...]:
    """The jobs of an event, which people look at when it has happened. `fresh` are the resources with a new version."""
    if not pipeline.groups:
        return tuple(pipeline.jobs)
    labels = {"push": {"trunk"}, "pull_request": {"pull-requests"}, "tag": set(fresh)}
    wanted = labels.get(happening.kind) or set(own(happening))
    return tuple(job for label, jobs in pipeline.groups.items() if label in wanted for job in jobs)


def own(happening: Happening) -> tuple[str, str]:
    """How a schedule's or manual run's resource, group and first job may be called."""
    return happening.name, f"{happening.kind.replace('_', '-')}-{happening.name}"


def first_by_hand(pipeline: Pipeline, happening: Happening) -> Job | None:
    """The job that a person starts a manual run with: the only one of its group that waits for no other."""
    jobs = [pipeline.jobs[name] for name in chain(pipeline, happening, ())]
    found = [job for job in jobs if not job.is_triggered and not any(get.passed for get in job.gets)]
    named = [job for job in found if job.name in own(happening)] or found
    return named[0] if named else None


def gate(pipeline: Pipeline, job: str) -> str:
    """The plan's name of a job that a person starts."""
    for label, jobs in pipeline.groups.items():
        if job in jobs:
            prefix = {"trunk": "", "pull-requests": "pr-"}.get(label, f"{label}-")
            return job.removeprefix(prefix)
    return job


def delivering(pipeline: Pipeline, environment: str) -> list[str]:
    """The jobs that hold an environment: they are never run again with what they once had. Their names end with its name;
    where none does, all of them may be meant.
    """
    held = [name for name, job in pipeline.jobs.items() if not job.reruns]
    named = [name for name in held if re.search(rf"(^|-){re.escape(environment)}(-\d+)?$", name)]
    return named or held
