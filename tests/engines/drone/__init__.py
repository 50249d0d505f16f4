"""Drone: the rendered file on Drone's own server and runner code, each container a process of this machine.

Level L3 for what that code decides. What is ours: the docker runner's way from a step to a container, containers, the plugin that
builds images, and the people who set up, start and promote. `docs/disagreements/drone.md` says what could not be had.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Conformance
from pipelinekit.testing.engine import Level
from pipelinekit.testing.ground import Ground
from tests.engines.drone import program
from tests.engines.drone.server import Run


class Drone:
    """Drone's server, queue and runner."""

    name = "drone-engine"
    level: Level = "L3"
    hides: Mapping[Feature, str] = {
        "reports": "the store takes all files alike: nobody reads them as reports",
        "cache": "there is none",
        "runner": "a runner is there for each platform and each set of labels that a file names",
        "cancel_superseded": "a scenario has one build at a time",
        "gate_timeout": "people answer at once",
    }

    def missing(self) -> str | None:
        return program.built()[1]

    def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
        return None

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        Run(files, ground, scenario).go()

    def close(self) -> None:
        """Each run ends what it starts."""


READS: Mapping[Feature, str] = {
    "reports": "tests/engines/drone/test_store.py",
    "runner": "tests/backends/drone/test_layout.py",
    "cancel_superseded": "tests/backends/drone/test_setup.py",
    "gate_timeout": "tests/engines/drone/test_store.py",
}


OWN: Mapping[Feature, str] = {
    "schedule": "cron jobs are no part of the server's open source edition",
    "gate": "promotions are no part of it either",
    "forks": "no server of a code host sends the webhooks",
    "overtaking": "the newer delivery is one that we tell the server of",
    "services": "none is started",
    "container": "the docker plugin is played from its settings",
    "registry": "the docker plugin is played from its settings",
    "checkout": "the image drone/git is played",
    "artifacts": "the store is a folder",
    "keep": "the store is a folder",
}


def conformance() -> Conformance:
    return Conformance("drone", (Drone(),), settings={"store": "s3://acme-ci/widget"}, reads=READS, own=OWN)
