"""GitLab: an interpreter of its rules, and gitlab-ci-local as a second witness."""

from __future__ import annotations

from pipelinekit.testing import Conformance

from .engine import Interpreter
from .local import Local


def conformance() -> Conformance:
    """The engines of GitLab, new ones at each call."""
    return Conformance("gitlab", (Interpreter(), Local()))
