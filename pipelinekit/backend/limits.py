"""What an engine can't take, whoever writes its files: data, from which findings, pages and tests are made."""

from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import NOWHERE, Source, Stage
from pipelinekit.model.value import value


@value
class Limit:
    """One thing that an engine can't take, or would change.

    `what` says it in words that follow the engine's name ("reads lines of 64 KiB at most"), `why` names the engine's version and
    the place in its source or documentation that says so, `hint` what a user does instead.
    """

    name: str
    what: str
    why: str
    hint: str = ""

    def broken(self, message: str, stage: Stage | None = None, source: Source = NOWHERE) -> Diagnostic:
        """The finding PK1408 that a definition goes beyond this limit, at its stage's line unless another is given."""
        at = stage.source if stage and source == NOWHERE else source
        return Diagnostic("PK1408", "error", message, self.hint, at, stage=stage.name if stage else None, limit=self.name)
