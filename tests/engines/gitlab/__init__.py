"""GitLab: an interpreter of its rules, and gitlab-ci-local as a second witness."""

from __future__ import annotations

from collections.abc import Mapping

from pipelinekit.model.features import Feature
from pipelinekit.testing import Conformance

from .engine import Interpreter
from .local import Local

READS: Mapping[Feature, str] = {
    "overtaking": "tests/engines/gitlab/test_server.py",
    "cancel_superseded": "tests/engines/gitlab/test_server.py",
    "cache": "tests/engines/gitlab/test_runner.py",
    "reports": "tests/engines/gitlab/test_runner.py",
    "keep": "tests/engines/gitlab/test_runner.py",
    "gate_timeout": "tests/backends/gitlab/test_scripts.py",
    "runner": "tests/backends/gitlab/test_jobs.py",
    "checkout": "tests/backends/gitlab/test_jobs.py",
}


def conformance() -> Conformance:
    """The engines of GitLab, new ones at each call."""
    return Conformance("gitlab", (Interpreter(), Local()), reads=READS)
