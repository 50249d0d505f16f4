"""Rules over a Plan: each a function that yields what it finds, each with a code; all are run and all is collected."""

from pipelinekit.check.run import check

__all__ = ["check"]
