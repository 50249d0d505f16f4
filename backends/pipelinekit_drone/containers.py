"""Container builds: the docker plugin, which pushes unless told to run dry. It is privileged only without commands and volumes."""

from typing import Any

from pipelinekit.model.plan import Secret, Stage
from pipelinekit.model.value import replace
from pipelinekit.text import script
from pipelinekit_drone import scripts, triggers
from pipelinekit_drone.context import Context
from pipelinekit_drone.escape import substituted


def settings(stage: Stage, context: Context) -> dict[str, Any]:
    """The plugin's settings, in the order of its documentation. The registry's secrets belong to pushing."""
    container = stage.container
    assert container is not None
    registry = container.registry
    found: dict[str, Any] = {}
    if context.document.publishes and registry:
        for key, secret in (("username", registry.username), ("password", registry.password)):
            if secret:
                found[key] = {"from_secret": secret.stored}
    found["repo"] = container.repository
    if registry:
        found["registry"] = registry.host
    found["tags"] = [substituted(tag) for tag in container.tags]
    under = folder(stage, context)
    if under or container.dockerfile != "Dockerfile":
        found["dockerfile"] = under + container.dockerfile
    if under or container.context != ".":
        found["context"] = under + ("" if under and container.context == "." else container.context)
    if container.args:
        found["build_args"] = [substituted(f"{key}={value}") for key, value in container.args]
    if not context.document.publishes:
        found["dry_run"] = True
    return found


def folder(stage: Stage, context: Context) -> str:
    """Where the build's tree lies, if that isn't the clone: beside it, with the files that the build asks for laid over."""
    lays = not context.shares and any(need.paths for need in stage.needs)
    return f"/drone/{context.steps[stage.name]}/" if lays else ""


def preparation(stage: Stage, context: Context) -> dict[str, Any] | None:
    """The step before the plugin, which runs no commands and sees no volume but the workspace: it asks for the registry's secrets by
    their names, and makes that tree.
    """
    under = folder(stage, context)
    secrets = _keys(stage) if context.document.publishes else ()
    commands = script.secret_guards(replace(stage, secrets=secrets))
    if under:
        commands += [f"cp -R {scripts.SOURCE} {under.rstrip('/')}", *scripts.lay_over(stage, under)]
    if not commands:
        return None
    step: dict[str, Any] = {
        "name": context.name(f"{stage.name}-{'context' if under else 'secrets'}"),
        "image": context.settings.helper_image,
    }
    if secrets:
        step["environment"] = {secret.name: {"from_secret": secret.stored} for secret in secrets}
    step["commands"] = commands
    if stage.allow_failure:
        step["failure"] = "ignore"
    condition = triggers.when(context.document.runs[stage.name], context.document, context.layout.plan)
    return step | ({"when": condition} if condition else {})


def _keys(stage: Stage) -> tuple[Secret, ...]:
    """The registry's secrets: what pushing takes."""
    registry = stage.container.registry if stage.container else None
    return tuple(secret for secret in (registry.username, registry.password) if secret) if registry else ()
