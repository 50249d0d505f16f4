"""An executor of Jenkinsfiles: Declarative's rules, played on the Groovy that Jenkins embeds.

The file is compiled by Groovy 2.4 and run; what its names mean stands in the Groovy files of this directory, each rule with the place of
Jenkins' source that it was read from. `sh` really runs. Containers are played: their commands run on this machine, in the environment that
docker would give them.
"""

from __future__ import annotations

from collections.abc import Mapping

from pipelinekit.model.features import Feature
from pipelinekit.testing import Conformance
from tests.engines.jenkins.engine import Jenkins

__all__ = ["Jenkins", "conformance"]

_TESTS = "tests/backends/jenkins"
READS: Mapping[Feature, str] = {
    "keep": f"{_TESTS}/test_jobs.py::test_kept_files_and_reports_change_no_outcome",
    "reports": f"{_TESTS}/test_jobs.py::test_kept_files_and_reports_change_no_outcome",
    "cache": f"{_TESTS}/test_jobs.py::test_caches_by_plugin_or_said_to_be_lost",
    "runner": f"{_TESTS}/test_jobs.py::test_the_agent_is_chosen_by_labels",
    "gate_timeout": f"{_TESTS}/test_deliveries.py::test_an_unanswered_gate_ends",
    "cancel_superseded": f"{_TESTS}/test_deliveries.py::test_only_pull_requests_are_superseded",
}


def conformance() -> Conformance:
    """What Jenkins brings to the suite. The JVM starts with the first scenario."""
    return Conformance("jenkins", (Jenkins(),), settings={"cache": "jobcacher"}, reads=READS)
