"""Services, on request: Docker inside a privileged task runs them, and the job beside them in its own image.

Concourse has no services; a docker daemon in the task is what its users do. Its data lies in `/scratch`, the volume
that each container gets (`atc/worker/gardenruntime/worker.go`): overlays don't stack.
"""

from shlex import split

from pipelinekit.model.features import facts as mentioned
from pipelinekit.model.plan import Secret, Service, Stage
from pipelinekit.text import script
from pipelinekit.text.shell import quote
from pipelinekit_concourse import facts, scripts
from pipelinekit_concourse.escape import joined, pieces, word
from pipelinekit_concourse.place import Place

_START = """dind dockerd --data-root /scratch/docker >/tmp/dockerd.log 2>&1 &
tries=0
until docker info >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { cat /tmp/dockerd.log >&2; exit 1; }
  sleep 1
done
docker network create job >/dev/null"""


def inner(stage: Stage) -> list[str]:
    """The stage's own script, as arguments of the outer one."""
    return pieces(script.joined([*stage.setup, *stage.commands]))


def outer(place: Place, stage: Stage) -> list[str]:
    """Start Docker and the services, wait until they answer, run the job, check its outputs."""
    return [
        *scripts.before(place, stage),
        _START,
        *(_service(service) for service in stage.services),
        *(_wait(service) for service in stage.services),
        _job(place, stage),
        *script.output_checks(stage.outputs),
        *scripts.copies_out(place, stage),
    ]


def _service(service: Service) -> str:
    variables = "".join(f" -e {word(f'{name}={value}')}" for name, value in service.variables)
    command = "".join(f" {word(part)}" for part in split(service.command)) if service.command else ""
    return f"docker run -d --name {service.alias} --network job{variables} {quote(service.image)}{command} >/dev/null"


def _wait(service: Service) -> str:
    """Until the port accepts TCP, seen from beside it."""
    address = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
    return (
        f"tries=0\nuntil nc -z \"$(docker inspect -f '{address}' {service.alias})\" {service.port}; do\n"
        f'  tries=$((tries + 1))\n  [ "$tries" -lt 60 ] || {{ docker logs {service.alias} >&2; exit 1; }}\n  sleep 1\ndone'
    )


def _job(place: Place, stage: Stage) -> str:
    names = [*scripts.variables(place, stage), *(axis.variable for axis in stage.matrix), *mentioned(stage)]
    names += [secret.name for secret in stage.secrets]
    names += [cache.variable for cache in stage.caches if cache.variable]
    given = "".join(f" -e {name}" for name in dict.fromkeys(names))
    files = "".join(_mount(secret) for secret in stage.secrets if secret.file)
    options = "bash -eo pipefail -c" if stage.shell == "bash" else "sh -ec"
    image = facts.spelled(stage.image or "", place.event, "")
    image = f'"{image}"' if "$" in image else quote(image)
    run = f'docker run --rm --network job -v "$PWD:$PWD" -w "$PWD"{files}{given}'
    return f"{run} --entrypoint {options.split(maxsplit=1)[0]} {image} {' '.join(options.split()[1:])} {joined(len(inner(stage)))}"


def _mount(secret: Secret) -> str:
    if secret.optional:
        return f' ${{{secret.name}:+-v "${secret.name}:${secret.name}:ro"}}'
    return f' -v "${secret.name}:${secret.name}:ro"'
