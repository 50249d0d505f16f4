"""Jenkins: one Declarative `Jenkinsfile` for a multibranch project, and the list of plugins that it needs.

Declarative has no graph of needs: stages stand in series, in `parallel` and in `matrix`, and parallel never stands in parallel. Each job
is a stage with an agent of its own, a container on an agent with docker; what waits (gates, locks) stands in stages around it that hold no
agent. Files go from stage to stage as stashes. Branches, pull requests and tags are jobs of their own that read the same file, so `when`
tells events apart.
"""

from pipelinekit.backend import Backend
from pipelinekit_jenkins.limits import LIMITS
from pipelinekit_jenkins.privileges import PRIVILEGES
from pipelinekit_jenkins.render import render
from pipelinekit_jenkins.settings import Settings
from pipelinekit_jenkins.setup import setup
from pipelinekit_jenkins.table import TABLE

backend = Backend(
    name="jenkins",
    title="Jenkins",
    engine="Jenkins 2.528 LTS, Declarative 2.2291",
    docs="https://www.jenkins.io/doc/book/pipeline/syntax/",
    files=("Jenkinsfile", "jenkins/plugins.txt"),
    table=TABLE,
    settings=Settings,
    render=render,
    setup=setup,
    privileges=PRIVILEGES,
    limits=LIMITS,
    gives=(
        "no token; but docker's daemon is root on its agent, containers are told all variables of their build, and the checkout uses the"
        " job's own key: agents for these jobs alone, and a key that can only read"
    ),
)

__all__ = ["backend"]
