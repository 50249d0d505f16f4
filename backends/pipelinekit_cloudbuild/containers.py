"""Container builds: docker builds always and pushes in deliveries, before anything that needs the image."""

from collections.abc import Iterator

from pipelinekit.model.plan import Container, Stage
from pipelinekit_cloudbuild import secrets
from pipelinekit_cloudbuild.escape import filled, word
from pipelinekit_cloudbuild.steps import Step


def of(stage: Stage) -> Container:
    assert stage.container is not None
    return stage.container


def is_plain(stage: Stage, publishes: bool) -> bool:
    """Whether docker's own arguments say it all; otherwise a script does."""
    container = of(stage)
    return not (
        (publishes and signs_in(container))
        or stage.retries
        or stage.timeout
        or len(container.tags) > 1
        or any(need.paths for need in stage.needs)
    )


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
    """The same as commands of one script; an account is for the pushes alone."""
    container = of(stage)
    account = 'DOCKER_CONFIG="$PK_CONFIG" ' if publishes and signs_in(container) else ""
    pushes = [f"{account}docker push {word(ref)}" for ref in container.refs] if publishes else []
    return [f"docker build {' '.join(word(text) for text in words(container))}", *pushes]


def signs_in(container: Container) -> bool:
    """Whether a registry wants an account of its own; otherwise it takes the build's service account."""
    registry = container.registry
    return registry is not None and registry.username is not None and registry.password is not None


def sign_in(stage: Stage, aliases: dict[str, str]) -> list[str]:
    """Docker's own configuration in a folder of this step alone, written as `docker login` would: that takes the name as an argument,
    and remembers both in the HOME that all steps share. `printf` is the shell's own, so nothing is an argument of a process.
    """
    registry = of(stage).registry
    if registry is None or registry.username is None or registry.password is None:
        return []
    host = "https://index.docker.io/v1/" if registry.host in ("docker.io", "index.docker.io") else registry.host
    return [
        *secrets.lines(secrets.of(stage), aliases),
        "PK_CONFIG=$(mktemp -d)",
        "export PK_CONFIG",
        f'pk_auth=$(printf %s:%s "${registry.username.name}" "${registry.password.name}" | base64 | tr -d \'\\n\')',
        f"""printf '{{"auths": {{"%s": {{"auth": "%s"}}}}}}\\n' {host} "$pk_auth" >"$PK_CONFIG/config.json\"""",
    ]
