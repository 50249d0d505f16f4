"""The server: what may start, what waits, what is skipped, what is tried again.

gitlab: `Ci::PipelineProcessing::AtomicProcessingService`, `Ci::ProcessBuildService`, `Ci::ResourceGroup`, `Ci::Bridge`,
`Gitlab::Ci::Build::AutoRetry`, `Deployment#older_than_last_successful_deployment?`. What GitLab leaves to workers in the
background is done here at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from pipelinekit.testing.ground import Ground

from .configuration import Invalid
from .creation import create
from .happenings import HOST, Event
from .jobs import Job, Pipeline
from .project import Project
from .statuses import COMPLETED, goes_on
from .variables import Variable, filled, merged, plain

FINAL = frozenset(("outdated_deployment", "missing_dependency", "downstream_pipeline_creation_failed"))
"""Failures that are never tried again (gitlab: `AutoRetry::RETRY_OVERRIDES`)."""

CANCELABLE = frozenset(("created", "waiting_for_resource", "preparing", "pending", "running", "scheduled"))


class Server:
    """A GitLab with one project. `said` collects what it says of configurations that it refuses."""

    def __init__(self, files: Mapping[str, str], project: Project, ground: Ground) -> None:
        self.files, self.project, self.ground = files, project, ground
        self.pipelines: list[Pipeline] = []
        self.holders: dict[str, Job] = {}
        self.deployed: dict[str, tuple[int, str]] = {}
        self.said: list[str] = []
        self._ids = count(1000)

    def next_id(self) -> int:
        return next(self._ids)

    def push(self, event: Event, path: str = ".gitlab-ci.yml") -> Pipeline | None:
        """An event of the project: its pipeline, where the file has one for it."""
        try:
            made = create(self, path, event, event.inputs or {}, {})
        except Invalid as error:
            self.said.append(str(error))
            raise
        if made is not None:
            self._add(made)
        return made

    def _add(self, pipeline: Pipeline) -> None:
        self.pipelines.append(pipeline)
        if pipeline.parent is None:
            self._cancel_redundant(pipeline)
        self.settle()

    def variables(self, job: Job) -> dict[str, Variable]:
        """All variables of a job, the weakest first (gitlab: `Ci::Build#variables`, `Gitlab::Ci::Variables::Builder#scoped_variables`)."""
        pipeline = job.pipeline
        own = {"CI_JOB_NAME": job.name, "CI_JOB_STAGE": pipeline.config.stages[job.stage], "CI_JOB_ID": str(job.id)}
        own |= {"CI_PIPELINE_ID": str(pipeline.id), "CI_PIPELINE_URL": f"https://{HOST}/acme/widget/-/pipelines/{pipeline.id}"}
        own["CI_PIPELINE_CREATED_AT"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        own["CI_JOB_URL"] = f"https://{HOST}/acme/widget/-/jobs/{job.id}"
        own |= {"CI_REGISTRY_USER": "gitlab-ci-token", "CI_REGISTRY_PASSWORD": "token-of-the-job", "CI_JOB_TOKEN": "token-of-the-job"}
        if job.environment is not None:
            own |= {"CI_ENVIRONMENT_NAME": job.environment, "CI_ENVIRONMENT_ACTION": job.action}
            about = job.entry["environment"]
            if isinstance(about, dict) and "url" in about:
                own["CI_ENVIRONMENT_URL"] = str(about["url"])
        secret = self.project.variables(self.ground.secrets, job.environment, protected=pipeline.event.protected)
        return merged(plain(own), plain(pipeline.predefined), job.variables, secret, pipeline.given)

    def settle(self) -> None:
        """Process everything until nothing changes any more."""
        while any([*map(self._process, self.pipelines), self._assign(), self._bridges(), self._parents()]):
            pass

    def ready(self) -> list[Job]:
        """Builds that a runner may take."""
        return [job for job in self._all() if job.status == "pending" and not job.is_bridge]

    def manual(self) -> list[Job]:
        return [job for job in self._all() if job.status == "manual"]

    def play(self, job: Job) -> None:
        """Somebody starts a manual job (gitlab: `Ci::PlayBuildService`)."""
        assert job.status == "manual"
        self._enqueue(job)
        self.settle()

    def start(self, job: Job) -> None:
        assert job.status == "pending"
        job.status, job.attempts = "running", job.attempts + 1

    def finish(self, job: Job, reason: str = "") -> None:
        """A job has ended, well or for that reason; it is tried again where its `retry` says so."""
        self._end(job, "failed" if reason else "success", reason)
        if reason and self._retries(job):
            job.status, job.retries = "created", job.retries + 1
            job.deployment = None
        self.settle()

    def _all(self) -> Iterator[Job]:
        return (job for pipeline in self.pipelines for job in pipeline.jobs)

    def _end(self, job: Job, status: str, reason: str = "") -> None:
        job.status, job.reason = status, reason
        if job.resource_group and self.holders.get(job.resource_group) is job:
            del self.holders[job.resource_group]
        if status == "success" and job.deploys and job.deployment is not None and job.environment is not None:
            last = self.deployed.get(job.environment, (0, ""))[0]
            if job.deployment > last:
                self.deployed[job.environment] = (job.deployment, job.pipeline.event.sha)

    def _process(self, pipeline: Pipeline) -> bool:
        moved = False
        for job in sorted(pipeline.jobs, key=lambda job: job.stage):
            before = pipeline.before(job) if job.status == "created" else ""
            if before not in COMPLETED:
                continue
            moved = True
            if not goes_on(job.when, before, dag=job.needs is not None):
                job.status = "skipped"
                continue
            if job.deploys and job.deployment is None:
                job.deployment = self.next_id()  # only now: `AtomicProcessingService#update_job!`
            if job.when == "manual" and not job.retries:
                job.status = "manual"
            else:
                self._enqueue(job)
        return moved

    def _enqueue(self, job: Job) -> None:
        if self._outdated(job):
            self._end(job, "failed", "outdated_deployment")
        else:
            job.status = "waiting_for_resource" if job.resource_group else "pending"

    def _outdated(self, job: Job) -> bool:
        """gitlab: `Ci::Deployable#has_outdated_deployment?`. Deployments are numbered when their jobs become ready, not when their
        pipelines start: one that becomes ready after a newer delivery is not outdated, and a newer one that waits for it then is.
        """
        if not (self.project.prevents_outdated and job.deploys and job.environment in self.deployed and job.deployment is not None):
            return False
        last, sha = self.deployed[job.environment]
        return job.deployment < last and sha != job.pipeline.event.sha

    def _assign(self) -> bool:
        """gitlab: `Ci::ResourceGroups::AssignResourceFromResourceGroupService`."""
        moved = False
        for group in {job.resource_group for job in self._all() if job.resource_group}:
            if group in self.holders:
                continue
            upcoming = self._upcoming(group)
            if upcoming and upcoming[0].status == "waiting_for_resource":
                moved = True
                if self._outdated(upcoming[0]):
                    self._end(upcoming[0], "failed", "outdated_deployment")
                    continue
                self.holders[group] = upcoming[0]
                upcoming[0].status = "pending"
        return moved

    def _upcoming(self, group: str) -> list[Job]:
        """gitlab: `Ci::ResourceGroup#upcoming_processables`."""
        mode = self.project.mode(group)
        jobs = [job for job in self._all() if job.resource_group == group]
        waiting = [job for job in jobs if job.status == "waiting_for_resource"]
        if mode == "unordered":
            return waiting
        upcoming = [job for job in jobs if job.status in ("created", "scheduled", "waiting_for_resource")]
        wanted = waiting if mode == "newest_ready_first" else upcoming
        sign = 1 if mode == "oldest_first" else -1
        return sorted(wanted, key=lambda job: (sign * job.pipeline.id, job.status != "waiting_for_resource"))

    def _bridges(self) -> bool:
        """Bridges that may start make their child pipelines (gitlab: `Ci::TriggerDownstreamPipelineService`)."""
        moved = False
        for job in list(self._all()):
            if job.is_bridge and job.status == "pending":
                moved = True
                self.start(job)
                self._trigger(job)
        return moved

    def _trigger(self, job: Job) -> None:
        trigger = job.entry["trigger"]
        included = trigger["include"] if isinstance(trigger, dict) else None
        if not isinstance(included, list) or len(included) != 1 or "local" not in included[0]:
            raise Invalid(f"{job.name}: only one local file as a child pipeline is modelled")
        try:
            child = create(self, included[0]["local"], job.pipeline.event, included[0].get("inputs", {}), self._forwarded(job), job)
        except Invalid as error:
            self.said.append(f"{job.name}: {error}")
            child = None
        if child is None:
            self._end(job, "failed", "downstream_pipeline_creation_failed")
            return
        job.child = child
        self.pipelines.append(child)
        if trigger.get("strategy") not in ("depend", "mirror"):
            self._end(job, "success")

    def _forwarded(self, job: Job) -> dict[str, Variable]:
        """gitlab: `Gitlab::Ci::Variables::Downstream::Generator`: the file's variables, filled once, unless they are raw."""
        forward: Mapping[str, Any] = job.entry["trigger"].get("forward", {})
        known = self.variables(job)
        given = merged(
            job.variables if forward.get("yaml_variables", True) else {},
            job.pipeline.given if forward.get("pipeline_variables", False) else {},
        )
        return {key: each if each.raw else Variable(key, filled(each.value, known)) for key, each in given.items()}

    def _parents(self) -> bool:
        """gitlab: `Ci::Bridge#inherit_status_from_downstream`."""
        moved = False
        for job in self._all():
            if job.is_bridge and job.status == "running" and job.child is not None and job.child.ended:
                moved = True
                status = job.child.status
                self._end(job, "failed" if status == "skipped" else status, "downstream" if status in ("failed", "skipped") else "")
        return moved

    def _retries(self, job: Job) -> bool:
        retry = job.entry.get("retry", 0)
        most = retry.get("max", 0) if isinstance(retry, dict) else retry
        when = retry.get("when", "always") if isinstance(retry, dict) else "always"
        wanted = [when] if isinstance(when, str) else when
        return job.reason not in FINAL and ("always" in wanted or job.reason in wanted) and job.retries < most

    def _cancel_redundant(self, newer: Pipeline) -> None:
        """gitlab: `Ci::PipelineCreation::CancelRedundantPipelinesService`: older pipelines of the ref, each by its own setting."""
        key = ("CI_COMMIT_REF_NAME", "CI_MERGE_REQUEST_IID", "CI_COMMIT_TAG")
        for older in self.pipelines:
            same = older.parent is None and all(older.predefined.get(name) == newer.predefined.get(name) for name in key)
            if older is newer or not same or older.event.sha == newer.event.sha or older.auto_cancel == "none":
                continue
            alive = [job for job in older.jobs if job.status in CANCELABLE]
            if older.auto_cancel == "conservative" and any(job.attempts and not job.interruptible for job in older.jobs):
                continue
            for job in alive:
                if older.auto_cancel == "conservative" or job.interruptible:
                    self._end(job, "canceled")
