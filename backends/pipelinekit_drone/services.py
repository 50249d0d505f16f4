"""Helper processes: services of the pipeline, reached by their name, and a step that waits until they answer."""

from typing import Any

from pipelinekit.model.plan import Service, Stage
from pipelinekit.text.yaml import Flow
from pipelinekit_drone.context import Context
from pipelinekit_drone.escape import substituted
from pipelinekit_drone.scripts import environment

READY_IN = 60
"""Seconds that a service has to accept connections."""


def service(value: Service) -> dict[str, Any]:
    """A service; its command is split into words as a shell would."""
    found: dict[str, Any] = {"name": value.alias, "image": substituted(value.image)}
    found["environment"] = environment(dict(value.variables))
    if value.command:
        from shlex import split

        words = split(value.command)
        found["command"] = words if "\n" in value.command else Flow(words)
    return found


def ready(value: Service, context: Context) -> dict[str, Any]:
    """The step that waits for a service: depending on one waits for its start alone. It also stands for the tree, which a service
    does not wait for where the clone is a step of ours.
    """
    found: dict[str, Any] = {
        "name": waiter(value.alias, context),
        "image": context.settings.helper_image,
        "depends_on": Flow(["clone", value.alias]),
        "commands": [f"timeout {READY_IN} sh -c 'until nc -z {value.alias} {value.port}; do sleep 1; done'"],
    }
    if all(stage.allow_failure for stage in users(value.alias, context)):
        found["failure"] = "ignore"
    return found


def waiter(alias: str, context: Context) -> str:
    return context.name(f"{alias}-ready")


def users(alias: str, context: Context) -> list[Stage]:
    """The jobs that name a service, in their order."""
    return [stage for stage in context.document.stages if any(service.alias == alias for service in stage.services)]


def before(stage: Stage, context: Context) -> list[str]:
    """What a job waits for because of its services: their readiness, and the job that used them before."""
    found = []
    for value in stage.services:
        earlier = [other.name for other in users(value.alias, context)]
        position = earlier.index(stage.name)
        found.append(waiter(value.alias, context))
        found += [context.steps[earlier[position - 1]]] if position else []
    return found
