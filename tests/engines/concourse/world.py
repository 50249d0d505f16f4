"""What lies around the server: the repository's host, the store of files, registries, and what the credential manager holds."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing import Ground
from pipelinekit.testing.ground import git

from .versions import Version, version

OWN = {
    "git_uri": "git@github.com:acme/widget.git",
    "git_private_key": "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VudGluZWwtb2YtdGhlLWtleQ==\n-----END OPENSSH PRIVATE KEY-----",
    "git_repository": "acme/widget",
    "github_token": "ghp_sentinelofthetoken0123456789",
    "webhook_token": "sentinel-of-the-webhook",
    "bucket_access_key_id": "AKIASENTINELOFTHEKEY",
    "bucket_secret_access_key": "sentinel/of/the/bucket",
}
"""What the operator has put into the credential manager beside the secrets of the plan."""


@dataclass(frozen=True)
class PullRequest:
    """A pull request as GitHub tells of it; the title and the author are those of the ground."""

    number: str
    commit: str
    date: int
    head: str
    base: str
    fork: bool
    files: tuple[str, ...] = ()
    title: str = ""
    author: str = "ada"


@dataclass
class World:
    """`heads` are the branches of the repository, `tags` and `pulls` what has been pushed and opened so far: before the event
    the world is older than the ground's repository, which holds everything already.
    """

    ground: Ground
    scenario: Scenario
    heads: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    pulls: list[PullRequest] = field(default_factory=list)
    clock: int = field(default_factory=lambda: int(time.time()) - 600)
    folders: int = 0

    @property
    def happening(self) -> Happening:
        return self.scenario.happening

    @property
    def trunk(self) -> str:
        return git(self.ground.repository, "symbolic-ref", "--short", "HEAD").strip()

    def secrets(self) -> Mapping[str, str]:
        return OWN | self.ground.secrets

    def folder(self, name: str) -> Path:
        """A new empty folder of the worker."""
        self.folders += 1
        made = self.ground.work / f"{name}-{self.folders}"
        made.mkdir(parents=True)
        return made

    def now(self) -> Version:
        """A moment later than all before, as a version of the time resource."""
        self.clock += 1
        return version(time=str(self.clock))

    @property
    def store(self) -> Path:
        """The buckets."""
        return self.ground.work / "store"

    def before(self, trunk: str) -> None:
        """The world as the server has last seen it before the event."""
        commits = self.ground.commits
        pushed = self.happening.kind == "push" and self.happening.branch in ("", trunk)
        self.heads = {trunk: commits["old" if pushed else "trunk"]}
        self.pulls = [PullRequest("6", commits["old"], 1, "feature/before", trunk, fork=False)]

    def happen(self, trunk: str) -> None:
        """The event reaches the repository's host."""
        happening, commits = self.happening, self.ground.commits
        if happening.kind == "push":
            branch = happening.branch or trunk
            self.heads[branch] = commits["trunk" if branch == trunk else "head"]
        elif happening.kind == "tag":
            self.tags.append(happening.tag)
        elif happening.kind == "pull_request":
            number, title = self.ground.world.pull_request, self.ground.world.title
            base = happening.target or trunk
            self.pulls.append(PullRequest(number, commits["head"], 4, happening.branch, base, happening.fork, happening.changed, title))

    def overtake(self, trunk: str) -> None:
        """A newer commit reaches trunk."""
        self.heads[trunk] = self.ground.commits["newer"]
