"""A stage that runs commands as a task step, with its modifiers in the order of the vendor's reference."""

from typing import Any

from pipelinekit.backend import Request
from pipelinekit.model.plan import Runner, Stage
from pipelinekit.text import script
from pipelinekit_concourse import escape, facts, images, scripts, services
from pipelinekit_concourse.escape import shell, variable
from pipelinekit_concourse.place import REPO, Place, artifact, identifier, local, sources
from pipelinekit_concourse.settings import Settings

Step = dict[str, Any]


def step(place: Place, stage: Stage) -> Step:
    """The whole step: cells by `across`, a failure that may be by `try` around all of them: only directly under `across` may
    a task's name hold a variable (`ValidateIdentifier` in `atc/configwarning.go`).
    """
    own: Step = {"task": name(stage)}
    if stage.services:
        own["privileged"] = True
    own |= modifiers(place.request, stage)
    own["config"] = _config(place, stage)
    own = across(stage) | own
    return {"try": own} if stage.allow_failure else own


def name(stage: Stage) -> str:
    return "-".join((identifier(stage.name), *(escape.local(axis.name) for axis in stage.matrix)))


def across(stage: Stage) -> Step:
    """The axes of a matrix; side by side unless a lock forbids it."""
    at_once = {} if stage.lock else {"max_in_flight": "all"}
    axes = [{"var": axis.name, "values": list(axis.values)} | at_once for axis in stage.matrix]
    return {"across": axes} if axes else {}


def modifiers(request: Request[Settings], stage: Stage) -> Step:
    """Retries, time and place of each attempt."""
    found: Step = {}
    if stage.retries:
        found["attempts"] = stage.retries + 1
    if stage.timeout:
        found["timeout"] = duration(stage.timeout)
    return found | runner(request.settings, stage.runner)


def runner(settings: Settings, asked: Runner | None) -> Step:
    """Workers by their tags; shares of a worker's cores (1024 each, as containers count them) and a limit of memory."""
    if asked is None:
        return {}
    tags = [*asked.labels, *([settings.arch_tags[asked.arch]] if asked.arch else [])]
    limits: Step = {"cpu": asked.cpus * 1024} if asked.cpus else {}
    if asked.memory:
        limits["memory"] = asked.memory.removesuffix("i") + "B"
    return ({"tags": tags} if tags else {}) | ({"container_limits": limits} if limits else {})


def duration(seconds: int) -> str:
    """Go's spelling: `1h30m`, `90s`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    if left and seconds < 600:
        return f"{seconds}s"
    return "".join(f"{count}{unit}" for count, unit in ((hours, "h"), (minutes, "m"), (left, "s")) if count)


def _config(place: Place, stage: Stage) -> Step:
    in_docker = bool(stage.services)
    config: Step = {"platform": "linux"}
    config["image_resource"] = images.resource(place.settings.docker_image) if in_docker else images.of(place, stage)
    config["inputs"] = inputs(stage)
    if place.asked.get(stage.name):
        config["outputs"] = [{"name": artifact(stage.name)}]
    if stage.caches:
        config["caches"] = [{"path": f"{REPO}/{local(stage, path).rstrip('/')}"} for cache in stage.caches for path in cache.paths]
    given = params(place, stage)
    if given:
        config["params"] = given
    config["run"] = _run(_docker(place, stage) if in_docker else shell(script.joined(scripts.task(place, stage)), stage.shell))
    return config


def inputs(stage: Stage) -> list[Step]:
    return [{"name": REPO}, *({"name": artifact(source)} for source, _ in sources(stage))]


def params(place: Place, stage: Stage) -> dict[str, str]:
    """The variables of the process: the pipeline's, the stage's, the cell's, facts, and secrets by their keys."""
    plain = escape.params(scripts.variables(place, stage).items())
    cells = {axis.variable: escape.local(axis.name) for axis in stage.matrix}
    known = facts.literals(stage, place.event, place.plan, place.settings)
    secrets = {secret.name: variable(secret.stored) for secret in stage.secrets}
    return plain | cells | known | secrets


def _run(command: Step) -> Step:
    return {"path": command["path"], "dir": REPO, "args": command["args"]}


def _docker(place: Place, stage: Stage) -> Step:
    return {"path": "sh", "args": ["-ec", script.joined(services.outer(place, stage)), "sh", *services.inner(stage)]}
