"""GitLab CI/CD.

One file, `.gitlab-ci.yml`, holds the pipeline: `workflow:rules` say which events start it, `needs` order its jobs, `stages`
are the columns of its page. An environment that several stages work on is a child pipeline, since GitLab's locks
(`resource_group`) hold a single job; the job that triggers it holds the lock. Schedules, secrets and who may do what are
settings of the project, which `pipelinekit setup` lists.
"""

from pipelinekit.backend import Backend
from pipelinekit_gitlab.limits import LIMITS
from pipelinekit_gitlab.privileges import PRIVILEGES
from pipelinekit_gitlab.render import render
from pipelinekit_gitlab.settings import Settings
from pipelinekit_gitlab.setup import setup
from pipelinekit_gitlab.table import TABLE

backend = Backend(
    name="gitlab",
    title="GitLab CI/CD",
    engine="GitLab 18",
    docs="https://docs.gitlab.com/ci/yaml/",
    files=(".gitlab-ci.yml", ".gitlab/pipelinekit/*.yml"),
    table=TABLE,
    settings=Settings,
    render=render,
    setup=setup,
    privileges=PRIVILEGES,
    limits=LIMITS,
    gives=(
        "`CI_JOB_TOKEN`, in the environment of every job and behind its checkout: until the job ends it reads the project, its packages,"
        " registry and artifacts as the person who started the run. `pipelinekit setup` lets no other project's token in and none push"
    ),
)
