"""Container builds, by the docker command of a labelled agent: built whenever selected, pushed in deliveries alone."""

from collections.abc import Iterable

from pipelinekit.model.plan import Container, Registry, Stage
from pipelinekit.text.script import secret_guards
from pipelinekit.text.shell import quote
from pipelinekit_jenkins.shell import COMMIT, script, word


def build(container: Container) -> str:
    words = ["docker build", f"--file {quote(container.dockerfile)}", *(f"--tag {word(ref)}" for ref in container.refs)]
    words += [f"--build-arg {word(f'{key}={value}')}" for key, value in container.args]
    texts = (*container.tags, *(value for _, value in container.args))
    return script([*_commit(texts), " ".join((*words, quote(container.context)))])


def push(container: Container) -> str:
    """Signs in for this one script: the agent's own docker configuration stays as it is."""
    login = _login(container.registry) if container.registry and container.registry.password else []
    return script([*login, *_commit(container.tags), *(f"docker push {word(ref)}" for ref in container.refs)])


def _login(registry: Registry) -> list[str]:
    assert registry.username is not None
    assert registry.password is not None
    guards = secret_guards(Stage("push", "build", secrets=(registry.username, registry.password)))
    return [
        *guards,
        'export DOCKER_CONFIG="$(mktemp -d)"',
        "trap 'rm -rf \"$DOCKER_CONFIG\"' EXIT",
        f'printf %s "${registry.password.name}" | docker login --username "${registry.username.name}" --password-stdin {registry.host}',
    ]


def _commit(texts: Iterable[str]) -> list[str]:
    joined = "\n".join(texts)
    return [f"{name}={value}" for name, value in COMMIT.items() if f"${{{name}}}" in joined]
