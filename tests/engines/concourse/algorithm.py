"""Which versions the next build of a job would get: the scheduler's algorithm (`atc/scheduler/algorithm`).

Inputs without `passed` are looked at one by one. Those with it stand together where they share an earlier job: a build of
that job vouches for all the versions that it had, so that what was together stays together. The newest builds come first;
with `version: every` those after the last that was used, in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .pipeline import Get, Job, Pipeline
from .versions import Build, Database, Version


@dataclass(frozen=True)
class Choice:
    """A version for one input, the builds that vouch for it, and whether the job has never had it."""

    version: Version
    sources: tuple[tuple[str, int], ...] = ()
    first: bool = False


def resolve(pipeline: Pipeline, job: Job, database: Database) -> Mapping[str, Choice] | None:
    """The choice for each input, or None when some input has none ("waiting for a suitable set of input versions")."""
    found: dict[str, Choice] = {}
    for get in job.gets:
        if not get.passed:
            version = _alone(get, job, database)
            if version is None:
                return None
            found[get.name] = Choice(version)
    for related in _groups(job):
        chosen = _Group(pipeline, database, job, related).resolve()
        if chosen is None:
            return None
        found |= chosen
    return {
        get.name: Choice(one.version, one.sources, database.is_first(job.name, get.name, get.resource, one.version))
        for get in job.gets
        for one in (found[get.name],)
    }


def _alone(get: Get, job: Job, database: Database) -> Version | None:
    """The newest version; with `every` the first after the newest that the job has had (`NextEveryVersion`)."""
    known = database.versions.get(get.resource, [])
    if get.version != "every" or not known:
        return database.latest(get.resource)
    had = database.used(job.name, get.resource)
    positions = [index for index, version in enumerate(known) if version in had]
    if not positions:
        return known[-1]
    return known[min(positions[-1] + 1, len(known) - 1)]


def _groups(job: Job) -> list[list[Get]]:
    """Inputs that have a passed job in common, directly or through a third (`groupInputsConfigsByPassedJobs`)."""
    groups: list[tuple[set[str], list[Get]]] = []
    for get in job.gets:
        if get.passed:
            home = next((group for group in reversed(groups) if group[0] & set(get.passed)), None)
            if home is None:
                home = (set(), [])
                groups.append(home)
            home[0].update(get.passed)
            home[1].append(get)
    return [gets for _, gets in groups]


@dataclass(frozen=True)
class _Candidate:
    version: Version
    vouchers: tuple[tuple[str, int], ...] = ()

    def vouched_by(self, job: str) -> bool:
        return any(name == job for name, _ in self.vouchers)


@dataclass
class _Group:
    """The search for versions that fit together, which goes back when it has come to nothing (`groupResolver`)."""

    pipeline: Pipeline
    database: Database
    job: Job
    gets: list[Get]
    candidates: dict[str, _Candidate] = field(default_factory=dict)

    def resolve(self) -> dict[str, Choice] | None:
        if not self._all() or len(self.candidates) < len(self.gets):
            return None
        return {get.name: Choice(self.candidates[get.name].version, self.candidates[get.name].vouchers) for get in self.gets}

    def _all(self) -> bool:
        return all(self._one(get) for get in self.gets)

    def _one(self, get: Get) -> bool:
        """Whether all jobs that an input must have passed vouch for its version, or can be made to."""
        for job in self._in_order(get.passed):
            candidate = self.candidates.get(get.name)
            if candidate is not None and candidate.vouched_by(job):
                continue
            builds = self._builds(get, job, candidate)
            if builds is None:
                continue
            return any(self._try(get, job, build) for build in builds)
        return True

    def _in_order(self, jobs: tuple[str, ...]) -> list[str]:
        return [name for name in self.pipeline.jobs if name in jobs]

    def _builds(self, get: Get, job: str, candidate: _Candidate | None) -> list[Build] | None:
        """The builds to look at, in order; None leaves the choice to the other jobs."""
        builds = self.database.succeeded(job)
        if get.version == "every":
            last = self._last_used(get)
            if job in last:
                later = [build for build in reversed(builds) if build.id > last[job]]
                return [*later, *(build for build in builds if build.id <= last[job])]
            if candidate is None and last:
                return None
        return builds

    def _last_used(self, get: Get) -> dict[str, int]:
        """The builds that the last build with the newest version that was used had its inputs from."""
        had = self.database.used(self.job.name, get.resource)
        newest = next((had[version] for version in reversed(self.database.versions.get(get.resource, [])) if version in had), None)
        return {job: build for job, build in newest.pipes.items() if job in get.passed} if newest else {}

    def _try(self, get: Get, job: str, build: Build) -> bool:
        """Take the versions of a build for every input that must have passed its job, and go on with the rest."""
        before = dict(self.candidates)
        if self._pin(job, build) and get.name in self.candidates and self.candidates[get.name].vouched_by(job) and self._all():
            return True
        self.candidates = before
        return False

    def _pin(self, job: str, build: Build) -> bool:
        pinned: set[str] = set()
        for resource, version in build.passed:
            for get in self.gets:
                if get.resource != resource or job not in get.passed or get.name in pinned:
                    continue
                pinned.add(get.name)
                candidate = self.candidates.get(get.name)
                if candidate is not None and candidate.version != version:
                    return False
                if candidate is None or not candidate.vouched_by(job):
                    vouchers = candidate.vouchers if candidate else ()
                    self.candidates[get.name] = _Candidate(version, (*vouchers, (job, build.id)))
        return True
