"""What an engine is to the suite: something that takes a system's files and really runs their commands."""

from collections.abc import Mapping
from typing import Literal, Protocol, TypeAlias

from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing.ground import Ground

Level: TypeAlias = Literal["L0", "L1", "L2", "L3"]


class Engine(Protocol):
    """A way to run one system's files. Its class is made once a process; `close` ends what it started."""

    name: str
    level: Level
    """L2: an emulator, or an own interpreter of the engine's rules; L3: the engine's own code."""
    hides: Mapping[Feature, str]
    """The features that this engine can't show, with the reason: a pipeline that uses one may run, but proves nothing of it."""

    def missing(self) -> str | None:
        """Why it can't run on this machine, or None."""
        ...

    def cannot(self, plan: Plan, scenario: Scenario) -> str | None:
        """Why it can't show this scenario of this plan, or None."""
        ...

    def run(self, files: Mapping[str, str], ground: Ground, scenario: Scenario) -> None:
        """Let the event happen to a server that has these files, and say on `ground` what it does. All commands have ended when
        this returns. Nothing of the plan is known here but the files.
        """
        ...

    def close(self) -> None: ...
