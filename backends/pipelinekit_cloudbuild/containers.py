"""Container builds: docker builds always and pushes in deliveries, before anything that needs the image."""

from collections.abc import Iterator

from pipelinekit.model.plan import Container, Stage
from pipelinekit_cloudbuild import secrets
from pipelinekit_cloudbuild.steps import Step, filled, word


def of(stage: Stage) -> Container:
    assert stage.container is not None
    return stage.container


def is_plain(stage: Stage, publishes: bool) -> bool:
    """Whether docker's own arguments say it all; otherwise a script does."""
    container = of(stage)
    signs_in = publishes and container.registry is not None and container.registry.password is not None
    return not (signs_in or stage.retries or stage.timeout or len(container.tags) > 1 or any(need.paths for need in stage.needs))


def plain(step_id: str, push_id: str, stage: Stage, image: str, publishes: bool) -> Iterator[Step]:
    """One step that builds and, in deliveries, one that pushes."""
    container = of(stage)
    yield Step(step_id, image, args=[filled(text) for text in ("build", *words(container))])
    if publishes:
        yield Step(push_id, image, after=[step_id], args=["push", filled(container.refs[0])])


def words(container: Container) -> list[str]:
    """What follows `docker build`."""
    found = [text for ref in container.refs for text in ("-t", ref)]
    default = "Dockerfile" if container.context == "." else f"{container.context.rstrip('/')}/Dockerfile"
    if container.dockerfile != default:
        found += ["-f", container.dockerfile]
    found += [text for name, value in container.args for text in ("--build-arg", f"{name}={value}")]
    return [*found, container.context]


def lines(stage: Stage, publishes: bool) -> list[str]:
    """The same as commands of one script."""
    container = of(stage)
    pushes = [f"docker push {word(ref)}" for ref in container.refs] if publishes else []
    return [f"docker build {' '.join(word(text) for text in words(container))}", *pushes]


def sign_in(stage: Stage, aliases: dict[str, str]) -> list[str]:
    """Sign in to the registry, in a folder of this step alone: the HOME that docker remembers accounts in is shared by all steps.
    What it holds, the service account's access to images, holds here too.
    """
    registry = of(stage).registry
    if registry is None or registry.username is None or registry.password is None:
        return []
    checks = secrets.lines(secrets.of(stage), aliases)
    return [
        *checks,
        "DOCKER_CONFIG=$(mktemp -d)",
        "export DOCKER_CONFIG",
        'cp -R "$HOME/.docker/." "$DOCKER_CONFIG" 2>/dev/null || true',
        _login(registry.host, registry.username.name, registry.password.name),
    ]


def _login(host: str, username: str, password: str) -> str:
    return f'printf \'%s\' "${password}" | docker login --username "${username}" --password-stdin {host}'
