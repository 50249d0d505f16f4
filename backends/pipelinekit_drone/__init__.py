"""Drone: pipelines of containers on one worker each, in one tree, started by events.

A job is a step. Steps of a pipeline share a network, services and the cloned tree; nothing flows from one pipeline to
another, a pipeline's `concurrency.limit` is the only lock, and a person's approval is a promotion: a build of its own.
The server reads the file as it stands, the runner substitutes `${…}` in the whole text before: both must read the same.
Written for server 2.x and the docker runner 1.8, whose rules are those of https://docs.drone.io/pipeline/docker/overview/.
"""

from pipelinekit.backend import Backend
from pipelinekit_drone.limits import LIMITS
from pipelinekit_drone.privileges import PRIVILEGES
from pipelinekit_drone.render import render
from pipelinekit_drone.settings import Settings
from pipelinekit_drone.setup import setup
from pipelinekit_drone.table import TABLE

backend = Backend(
    name="drone",
    title="Drone",
    engine="2.x, docker runner 1.8",
    docs="https://docs.drone.io/pipeline/docker/overview/",
    files=(".drone.yml",),
    table=TABLE,
    settings=Settings,
    render=render,
    setup=setup,
    privileges=PRIVILEGES,
    limits=LIMITS,
    gives="git's password for the repository (DRONE_NETRC_*), of the person who activated it, while that is private: taken from jobs, "
    "services and the docker plugin; the steps that clone, and others of ours, sign git in with it and forget it",
)

__all__ = ["backend"]
