"""Container builds, by buildah or by docker, as GitLab's documentation does them."""

from typing import Any

from pipelinekit.model.plan import Container, Stage
from pipelinekit.text.shell import quote
from pipelinekit_gitlab import escape, secrets
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
        daemon = {"name": settings.dind_image, "alias": "docker"}
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
    hidden = [*secrets.hidden(layout.plan, stage), *(_unseen(stage, when) if when != "always" else ())]
    return [*hidden, *(guards if when != "never" else ()), *([_READY] if layout.settings.builder == "docker" else ())]


def _unseen(stage: Stage, when: str) -> list[str]:
    """GitLab gives a job the secrets of its environment on every event: where nothing is published, the build must not see them."""
    own = {name for secret in stage.secrets for name in (secret.name, secret.stored)}
    registry = dict.fromkeys(name for secret in secrets.of(stage) for name in (secret.stored, secret.name) if name not in own)
    condition = f'[ "${PUBLISH}" = "true" ] || ' if when == "deliveries" else ""
    return [f"{condition}unset {' '.join(registry)}"] if registry else []


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
    """The builder's own file of credentials, written as `login` would: that takes the name as an argument, which others may read."""
    registry = container.registry
    if registry and registry.username and registry.password:
        host = "https://index.docker.io/v1/" if registry.host == "docker.io" else registry.host
        user, password = registry.username.name, registry.password.name
    elif settings.registry and container.repository.startswith(f"{settings.registry}/"):
        host, user, password = settings.registry, "CI_REGISTRY_USER", "CI_REGISTRY_PASSWORD"
    else:
        return []
    variable, file = ("DOCKER_CONFIG", "/config.json") if settings.builder == "docker" else ("REGISTRY_AUTH_FILE", "")
    auth = f"$(printf '%s' \"${user}:${password}\" | base64 | tr -d '\\n')"
    return [
        'signed_in="$(mktemp -d)"',
        "trap 'rm -rf \"$signed_in\"' EXIT",
        f'export {variable}="$signed_in{"" if file else "/auth.json"}"',
        f"""printf '{{"auths":{{"%s":{{"auth":"%s"}}}}}}' {quote(host)} "{auth}" >"${variable}{file}\"""",
    ]


def word(text: str) -> str:
    """One word of the shell, with the commit in GitLab's words."""
    return spelled(escape.word(text))
