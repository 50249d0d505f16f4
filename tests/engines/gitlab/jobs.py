"""Pipelines and their jobs as the server keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .configuration import Configuration, Need
from .happenings import Event
from .statuses import COMPLETED, composite
from .variables import Variable


@dataclass(eq=False)
class Job:
    """A build or, with `trigger`, a bridge. `needs` is None for one that waits for the stages before its own."""

    id: int
    name: str
    pipeline: Pipeline
    entry: Mapping[str, Any]
    stage: int
    variables: dict[str, Variable]
    when: str
    allow_failure: bool
    needs: list[Need] | None
    interruptible: bool = False
    environment: str | None = None
    resource_group: str | None = None
    status: str = "created"
    reason: str = ""
    retries: int = 0
    attempts: int = 0
    deployment: int | None = None
    child: Pipeline | None = None

    @property
    def is_bridge(self) -> bool:
        return "trigger" in self.entry

    @property
    def action(self) -> str:
        """What the job does to its environment (gitlab: `Ci::Deployable#environment_action`)."""
        about = self.entry.get("environment", {})
        return str(about.get("action", "start")) if isinstance(about, dict) else "start"

    @property
    def deploys(self) -> bool:
        return self.environment is not None and self.action == "start"


@dataclass(eq=False)
class Pipeline:
    """One pipeline; `parent` is the bridge that started it. `given` are its own variables, above all of the file's."""

    id: int
    config: Configuration
    event: Event
    predefined: Mapping[str, str]
    given: dict[str, Variable] = field(default_factory=dict)
    parent: Job | None = None
    jobs: list[Job] = field(default_factory=list)
    auto_cancel: str = "conservative"

    @property
    def status(self) -> str:
        """gitlab: `StatusCollection#status_of_all`."""
        return composite((job.status, job.allow_failure) for job in self.jobs)

    @property
    def ended(self) -> bool:
        return self.status in COMPLETED

    def before(self, job: Job) -> str:
        """The status of all that a job waits for (gitlab: `AtomicProcessingService#status_of_previous_jobs`)."""
        if job.needs is None:
            return composite((other.status, other.allow_failure) for other in self.jobs if other.stage < job.stage)
        names = {need.name for need in job.needs if not need.pipeline}
        return composite(((other.status, other.allow_failure) for other in self.jobs if other.name in names), dag=True)

    def hierarchy(self) -> Iterator[Pipeline]:
        """This pipeline, its parents, and all their children."""
        top = self
        while top.parent is not None:
            top = top.parent.pipeline
        waiting = [top]
        for each in waiting:
            yield each
            waiting += [job.child for job in each.jobs if job.child is not None]
