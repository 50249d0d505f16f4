"""Concourse's plan semantics as a program: versions, builds, steps and tasks, from its source and that of its resources.

Nothing is copied from there; each module names the files that its rules were read in.
"""

from pipelinekit.model.features import Feature
from pipelinekit.testing import Conformance

from .engine import Concourse

__all__ = ["Concourse", "conformance"]


def conformance() -> Conformance:
    """What the suite runs for Concourse. A bucket, Docker and workers of several kinds are there, so that less is refused."""
    settings = {"bucket": "acme-ci", "services": "docker", "arch_tags": {"arm64": "arm", "amd64": "intel"}}
    reads: dict[Feature, str] = {
        "cache": "tests/backends/concourse/test_jobs.py::test_allowed_failures_and_caches",
        "gate_timeout": "tests/engines/concourse/test_resources.py::test_an_approval_that_comes_too_late_fails_the_gate",
        "runner": "tests/backends/concourse/test_jobs.py::test_an_architecture_takes_a_tag_of_its_workers",
    }
    return Conformance("concourse", (Concourse(),), settings, reads)
