"""Images and services."""

from typing import Any

from pipelinekit.model.plan import Service
from pipelinekit.text.yaml import Flow
from pipelinekit_gitlab.escape import service_variables
from pipelinekit_gitlab.facts import spelled
from pipelinekit_gitlab.settings import Settings

TOOLS = frozenset(
    [
        "alpine/git",
        "alpine/helm",
        "amazon/aws-cli",
        "bitnami/kubectl",
        "gcr.io/kaniko-project/executor",
        "ghcr.io/opentofu/opentofu",
        "hadolint/hadolint",
        "hashicorp/packer",
        "hashicorp/terraform",
        "hashicorp/vault",
        "pulumi/pulumi",
        "registry.k8s.io/kubectl",
        "rclone/rclone",
        "zricethezav/gitleaks",
    ]
)
"""Well-known images whose entrypoint is the tool: the runner's shell would become the tool's arguments."""


def image(text: str, settings: Settings) -> str | dict[str, Any]:
    """`image:` of a job; a tool's entrypoint is taken away."""
    folder, slash, last = text.partition("@")[0].rpartition("/")
    repository = f"{folder}{slash}{last.partition(':')[0]}".removeprefix("docker.io/")
    name = spelled(text)
    if repository in TOOLS or repository in settings.clear_entrypoint:
        return {"name": name, "entrypoint": Flow([""])}
    return name


def service(given: Service) -> dict[str, Any]:
    """One entry of `services:`."""
    found: dict[str, Any] = {"name": spelled(given.image), "alias": given.alias}
    if given.command is not None:
        from shlex import split

        found["command"] = split(given.command)
    if given.variables:
        found["variables"] = service_variables(given.variables)
    return found
