"""The engine of the suite: one server and one worker for each scenario."""

from __future__ import annotations

from collections.abc import Mapping

from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Ground, Level

from .server import Server


class Concourse:
    """An interpreter of Concourse's rules, as its source and that of its resources have them."""

    name = "own interpreter"
    level: Level = "L2"
    hides: Mapping[Feature, str] = {
        "cache": "a trace doesn't look at caches, and each scenario begins without any",
        "cancel_superseded": "one run at a time",
        "gate_timeout": "people answer at once",
        "keep": "the backend has no form of it",
        "reports": "the backend has no form of it",
        "runner": "there is one worker, whatever its tags",
    }

    def missing(self) -> str | None:
        """It needs git and a shell, which every job needs as well."""
        return None

    def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
        return None

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        Server(files, ground, scenario).run()

    def close(self) -> None:
        """Nothing goes on between scenarios."""
