"""Container builds, by the docker command of a labelled agent: built whenever selected, pushed in deliveries alone."""

from collections.abc import Iterable

from pipelinekit.model.plan import Container, Registry, Secret, Stage
from pipelinekit.text.script import secret_guards
from pipelinekit.text.shell import quote
from pipelinekit_jenkins.escape import word
from pipelinekit_jenkins.facts import exported
from pipelinekit_jenkins.shell import COMMIT, script


def build(container: Container, *, pushed: bool, secrets: tuple[Secret, ...] = ()) -> str:
    """The build, after a look at the secrets that a push will need.

    Builds share the agent's docker: one that isn't pushed takes no name, which another's push could find.
    """
    names = [f"--tag {word(ref)}" for ref in container.refs] if pushed else []
    words = ["docker build", f"--file {quote(container.dockerfile)}", *names]
    words += [f"--build-arg {word(f'{key}={value}')}" for key, value in container.args]
    texts = (*(container.tags if pushed else ()), *(value for _, value in container.args))
    guards = secret_guards(Stage("push", "build", secrets=secrets))
    return script([*guards, *_commit(texts), " ".join((*words, quote(container.context)))])


def push(container: Container) -> str:
    """Signs in for this one script: the agent's own docker configuration stays as it is."""
    login = _login(container.registry) if container.registry and secrets(container) else []
    return script([*login, *_commit(container.tags), *(f"docker push {word(ref)}" for ref in container.refs)])


def secrets(container: Container) -> tuple[Secret, ...]:
    """Those of the registry."""
    registry = container.registry
    return (registry.username, registry.password) if registry and registry.username and registry.password else ()


def _login(registry: Registry) -> list[str]:
    """Docker's own configuration, written as `docker login` would: that takes the name as an argument, which all on the agent can read."""
    assert registry.username is not None
    assert registry.password is not None
    host = "https://index.docker.io/v1/" if registry.host == "docker.io" else registry.host
    auth = f"$(printf '%s' \"${registry.username.name}:${registry.password.name}\" | base64 | tr -d '\\n')"
    return [
        exported("DOCKER_CONFIG", '"$(mktemp -d)"'),
        "trap 'rm -rf \"$DOCKER_CONFIG\"' EXIT",
        f"""printf '{{"auths":{{"%s":{{"auth":"%s"}}}}}}' {quote(host)} "{auth}" > "$DOCKER_CONFIG/config.json\"""",
    ]


def _commit(texts: Iterable[str]) -> list[str]:
    joined = "\n".join(texts)
    return [f"{name}={value}" for name, value in COMMIT.items() if f"${{{name}}}" in joined]
