"""An executor of Jenkinsfiles: Declarative's rules, played on the Groovy that Jenkins embeds.

The file is compiled by Groovy 2.4 and run; what its names mean stands in the Groovy files of this directory, each rule with the place of
Jenkins' source that it was read from. `sh` really runs. Containers are played: their commands run on this machine, in the environment that
docker would give them.
"""

from __future__ import annotations

from pipelinekit.testing import Conformance
from tests.engines.jenkins.engine import Jenkins

__all__ = ["Jenkins", "conformance"]


def conformance() -> Conformance:
    """What Jenkins brings to the suite. The JVM starts with the first scenario."""
    return Conformance("jenkins", (Jenkins(),), settings={"cache": "jobcacher"}, reads={})
