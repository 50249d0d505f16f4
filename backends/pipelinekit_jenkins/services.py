"""Services: containers in a network of the job's own, started before its container and removed when the stage is over."""

from pipelinekit.model.plan import Service, Stage
from pipelinekit.text.shell import quote
from pipelinekit_jenkins.escape import word
from pipelinekit_jenkins.shell import COMMIT, script

NETWORK = "PK_NETWORK"


def up(stage: Stage) -> str:
    """Run on the agent, after the checkout; a further attempt removes what the last one had."""
    commit = [f"{name}={value}" for name, value in COMMIT.items() if any(f"${{{name}}}" in each.image for each in stage.services)]
    left = _down(stage) if stage.retries else []
    return script([*left, *commit, f'docker network create "${NETWORK}"', *(_run(service) for service in stage.services)])


def down(stage: Stage) -> str:
    """Run on the agent in any case, also where `up` got half way."""
    return script(_down(stage))


def _down(stage: Stage) -> list[str]:
    containers = " ".join(f'"${NETWORK}-{service.alias}"' for service in stage.services)
    return [f"docker rm --force --volumes {containers} || true", f'docker network rm "${NETWORK}" || true']


def _run(service: Service) -> str:
    words = ["docker run --detach", f'--name "${NETWORK}-{service.alias}"', f'--network "${NETWORK}"', f"--network-alias {service.alias}"]
    words += [f"--env {quote(f'{key}={value}')}" for key, value in service.variables]
    words.append(word(service.image))
    words += _words(service.command) if service.command else []
    return " ".join(words)


def _words(command: str) -> list[str]:
    from shlex import split

    return [quote(part) for part in split(command)]
