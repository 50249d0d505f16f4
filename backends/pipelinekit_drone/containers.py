"""Container builds: the docker plugin, which pushes unless told to run dry. It is privileged only without commands and volumes."""

from typing import Any

from pipelinekit.model.plan import Stage
from pipelinekit_drone import scripts
from pipelinekit_drone.context import Context
from pipelinekit_drone.envsubst import substituted


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
    """The step that makes that tree: a plugin runs no commands and sees no volume but the workspace."""
    under = folder(stage, context)
    if not under:
        return None
    commands = [f"cp -R {scripts.SOURCE} {under.rstrip('/')}", *scripts.lay_over(stage, under)]
    return {"name": context.name(f"{stage.name}-context"), "image": context.settings.helper_image, "commands": commands}
