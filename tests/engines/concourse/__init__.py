"""Concourse's plan semantics as a program: versions, builds, steps and tasks, from its source and that of its resources.

Nothing is copied from there; each module names the files that its rules were read in.
"""

from pipelinekit.testing import Conformance

from .engine import Concourse

__all__ = ["Concourse", "conformance"]


def conformance() -> Conformance:
    """What the suite runs for Concourse. A bucket and Docker are there, so that less is refused."""
    return Conformance("concourse", (Concourse(),), {"bucket": "acme-ci", "services": "docker"})
