"""The plugin that builds containers: what drone-plugins/drone-docker does with its settings, told to the ground in place of a daemon."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelinekit.testing.ground import Ground


def play(question: Mapping[str, Any], job: str, ground: Ground) -> tuple[int, str]:
    """The status with which the plugin ends, and what it prints.

    It starts its own daemon, which takes the privilege; logs in where there is a password (`Plugin.Exec` in docker.go), and else
    goes on as a guest; builds; and pushes each tag unless it runs dry. A registry whose keys are in the settings takes
    nothing from guests.
    """
    env: Mapping[str, str] = question["environ"]
    if not question["privileged"]:
        return 1, "Unable to reach Docker Daemon after 15 attempts.\n"
    asks = [key for key in ("PLUGIN_USERNAME", "PLUGIN_PASSWORD") if key in env]
    secrets = {env[key] for key in asks}
    guest = not env.get("PLUGIN_PASSWORD")
    nobody = env.get("PLUGIN_USERNAME", "somebody") == ""
    if not guest and (nobody or not secrets <= set(ground.secrets.values())):
        return 1, "Error authenticating: exit status 1\n"
    folder = tree(env, question["folders"])
    if not (folder / _inside(env.get("PLUGIN_DOCKERFILE", "Dockerfile"))).is_file():
        return 1, "unable to prepare context: there is no Dockerfile\n"
    status = ground.image(job, "build", context=folder)
    if status or env.get("PLUGIN_DRY_RUN") == "true":
        return status, "built\n"
    if asks and guest:
        return 1, "denied: requested access to the resource is denied\n"
    for tag in env.get("PLUGIN_TAGS", "latest").split(","):
        status = status or ground.image(job, "push", f"{env['PLUGIN_REPO']}:{tag}")
    return status, "built and pushed\n"


def tree(env: Mapping[str, str], folders: Mapping[str, str]) -> Path:
    """The tree that is built from, on this machine: the workspace, or the folder beside it that the context lies in."""
    context = env.get("PLUGIN_CONTEXT", ".")
    workspace = env["DRONE_WORKSPACE"]
    place = "/".join(context.split("/")[:3]) if context.startswith("/") else workspace
    base = next(base for base in sorted(folders, reverse=True) if place == base or place.startswith(f"{base}/"))
    return Path(folders[base]) / place.removeprefix(base).lstrip("/")


def _inside(path: str) -> str:
    """A path below that tree."""
    return "/".join(path.split("/")[3:]) if path.startswith("/") else path
