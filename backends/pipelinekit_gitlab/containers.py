"""Container builds, by buildah or by docker, as GitLab's documentation does them."""

from typing import Any

from pipelinekit.model.plan import Container, Stage
from pipelinekit.text.shell import quote
from pipelinekit_gitlab import secrets
from pipelinekit_gitlab.facts import spelled
from pipelinekit_gitlab.layout import Layout
from pipelinekit_gitlab.settings import Settings

PUBLISH = "PK_PUBLISH"
"""Set by the rules of deliveries, where other events build the image as well."""

_READY = """waited=0
until docker info >/dev/null 2>&1; do
  [ "$waited" -lt 60 ] || { echo "the Docker daemon does not answer" >&2; exit 1; }
  waited=$((waited + 1))
  sleep 1
done"""


def environment(settings: Settings) -> dict[str, Any]:
    """What the job runs in, and its builder's variables."""
    if settings.builder == "docker":
        daemon = {"name": f"{settings.docker_image}-dind", "alias": "docker"}
        return {"image": settings.docker_image, "services": [daemon], "variables": {"DOCKER_TLS_CERTDIR": "/certs"}}
    # Overlay file systems don't stack, and the runner's may be one; the format is the one that every registry takes.
    return {"image": settings.buildah_image, "variables": {"STORAGE_DRIVER": "vfs", "BUILDAH_FORMAT": "docker"}}


def publishes(layout: Layout, stage: Stage) -> str:
    """`always`, `never`, or `deliveries` where only some of the stage's events deliver."""
    found = {layout.delivers(event) for event in layout.selection.runs(stage)}
    return {frozenset([True]): "always", frozenset([False]): "never"}.get(frozenset(found), "deliveries")


def before(layout: Layout, stage: Stage) -> list[str]:
    """Fail by name where a secret of the registry is missing and needed; wait for the daemon."""
    when = publishes(layout, stage)
    condition = f'[ "${PUBLISH}" != "true" ] || ' if when == "deliveries" else ""
    guards = [condition + line for line in secrets.lines(secrets.of(stage))]
    hidden = secrets.hidden(layout.plan, stage)
    return [*hidden, *(guards if when != "never" else ()), *([_READY] if layout.settings.builder == "docker" else ())]


def script(layout: Layout, stage: Stage) -> list[str]:
    """Build, and publish in deliveries."""
    assert stage.container is not None
    when = publishes(layout, stage)
    publish = _publish(stage.container, layout.settings)
    if when == "deliveries":
        publish = [f'if [ "${PUBLISH}" = "true" ]; then\n' + "".join(f"  {line}\n" for line in publish) + "fi"]
    return [_build(stage.container, layout.settings.builder), *(publish if when != "never" else ())]


def _build(container: Container, builder: str) -> str:
    words = [builder, "build", "--file", word(container.dockerfile)]
    for ref in container.refs:
        words += ["--tag", word(ref)]
    for name, value in container.args:
        words += ["--build-arg", word(f"{name}={value}")]
    return " ".join([*words, word(container.context)])


def _publish(container: Container, settings: Settings) -> list[str]:
    builder = settings.builder
    return [*_sign_in(container, settings), *(f"{builder} push {word(ref)}" for ref in container.refs)]


def _sign_in(container: Container, settings: Settings) -> list[str]:
    registry = container.registry
    if registry and registry.username and registry.password:
        username, password, host = f'"${registry.username.name}"', registry.password, quote(registry.host)
        given = f'cat "${password.name}"' if password.file else f'printf "%s" "${password.name}"'
        username = f'"$(cat {username})"' if registry.username.file else username
        return [f"{given} | {settings.builder} login --username {username} --password-stdin {host}"]
    if settings.registry and container.repository.startswith(f"{settings.registry}/"):
        given = 'printf "%s" "$CI_REGISTRY_PASSWORD"'
        return [f'{given} | {settings.builder} login --username "$CI_REGISTRY_USER" --password-stdin "$CI_REGISTRY"']
    return []


def word(text: str) -> str:
    """One word of the shell: the commit stays to be expanded, all else is quoted."""
    if "${PK_" not in text:
        return quote(text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`")
    return f'"{spelled(escaped)}"'
