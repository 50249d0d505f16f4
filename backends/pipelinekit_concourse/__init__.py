"""Concourse: one `ci/pipeline.yml`, a chain of jobs for each event.

Everything that starts a run is a version of a resource: a commit, a pull request, a tag, a moment. A job gets the
version that has `passed` all jobs before it, so that the chain is the order. Each step has its own container and its own
copy of what it was given; nothing but versions goes from job to job. What must not be apart (a block, and without a
bucket stages that hand files on) is therefore one job. A gate is a job that nothing triggers.
"""

from pipelinekit.backend import Backend
from pipelinekit_concourse.limits import LIMITS
from pipelinekit_concourse.privileges import PRIVILEGES
from pipelinekit_concourse.render import PATH, render
from pipelinekit_concourse.settings import Settings
from pipelinekit_concourse.setup import setup
from pipelinekit_concourse.table import TABLE

__all__ = ["backend"]

backend = Backend(
    name="concourse",
    title="Concourse",
    engine="8.2",
    docs="https://concourse-ci.org/docs/",
    files=(PATH,),
    table=TABLE,
    settings=Settings,
    render=render,
    setup=setup,
    privileges=PRIVILEGES,
    limits=LIMITS,
    gives="none: a task sees its params and nothing of the server, the repository or the store",
)
