"""What the server remembers: versions of resources, builds, and which of them went through which job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Version: TypeAlias = tuple[tuple[str, str], ...]
Status: TypeAlias = Literal["pending", "started", "succeeded", "failed", "errored", "aborted"]


def version(**fields: str) -> Version:
    return tuple(sorted(fields.items()))


@dataclass
class Build:
    """A build of a job. `inputs` are the versions that it got, by the names of its gets; `outputs` those that it put;
    `pipes` the build of each earlier job that its inputs come from (`build_pipes`).
    """

    id: int
    job: str
    manual: bool = False
    status: Status = "pending"
    inputs: dict[str, tuple[str, Version]] = field(default_factory=dict)
    outputs: list[tuple[str, Version]] = field(default_factory=list)
    pipes: dict[str, int] = field(default_factory=dict)

    @property
    def passed(self) -> list[tuple[str, Version]]:
        """The versions that have passed the job with this build, got and put (`SuccessfulBuildOutputs` in `atc/db/versions_db.go`)."""
        return [*self.inputs.values(), *self.outputs]

    @property
    def is_over(self) -> bool:
        return self.status not in ("pending", "started")


@dataclass
class Database:
    """`versions` of each resource stand in their check order; so do those that a put has made (`SaveOutput` in `atc/db/build.go`)."""

    versions: dict[str, list[Version]] = field(default_factory=dict)
    builds: list[Build] = field(default_factory=list)

    def save(self, resource: str, *found: Version) -> None:
        known = self.versions.setdefault(resource, [])
        known += [each for each in found if each not in known]

    def build(self, job: str, *, manual: bool = False) -> Build:
        made = Build(len(self.builds) + 1, job, manual)
        self.builds.append(made)
        return made

    def of(self, job: str) -> list[Build]:
        return [build for build in self.builds if build.job == job]

    def succeeded(self, job: str) -> list[Build]:
        """The newest first."""
        return [build for build in reversed(self.builds) if build.job == job and build.status == "succeeded"]

    def latest(self, resource: str) -> Version | None:
        known = self.versions.get(resource)
        return known[-1] if known else None

    def is_first(self, job: str, name: str, resource: str, found: Version) -> bool:
        """Whether no build of the job has got this version under this name (`IsFirstOccurrence`)."""
        return not any(build.inputs.get(name) == (resource, found) for build in self.of(job))

    def used(self, job: str, resource: str) -> Mapping[Version, Build]:
        """The versions of a resource that builds of a job got, each with the latest such build."""
        return {found: build for build in self.of(job) for other, found in build.inputs.values() if other == resource}
