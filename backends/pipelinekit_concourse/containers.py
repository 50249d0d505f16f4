"""Container builds: the oci-build task makes the image, a `put` publishes it, in deliveries alone."""

from typing import Any

from pipelinekit.backend import Request
from pipelinekit.model.plan import Container, Stage
from pipelinekit.semantics.selection import delivers
from pipelinekit.text.script import joined
from pipelinekit_concourse import escape, facts, images, scripts, tasks
from pipelinekit_concourse.escape import shell, variable
from pipelinekit_concourse.layout import unique
from pipelinekit_concourse.place import REPO, Place
from pipelinekit_concourse.settings import Settings

Step = dict[str, Any]


def resource_name(request: Request[Settings], stage: Stage) -> str:
    """The resource that publishes a build's image: `image`, or `package-image` where there are several builds."""
    builds = [other.name for other in request.plan.stages if other.container]
    return "image" if len(builds) == 1 else unique(f"{stage.name}-image", (other.name for other in request.plan.stages))


def resource(request: Request[Settings], stage: Stage, container: Container) -> Step:
    """The registry's side of a build; it is only ever put, so nothing looks for new versions."""
    source = {"repository": container.repository} | images.credentials(container)
    name = resource_name(request, stage)
    return {"name": name, "type": "registry-image", "icon": "docker", "check_every": "never", "source": source}


def publishes(request: Request[Settings], place: Place) -> bool:
    return delivers(request.plan, place.event)


def step(place: Place, stage: Stage) -> Step:
    """Build, and where it delivers publish; one attempt holds both."""
    container = stage.container
    assert container
    given = tasks.modifiers(place.request, stage)
    around = {key: given.pop(key) for key in ("attempts", "timeout") if key in given}
    name = resource_name(place.request, stage)
    mapping = {} if name == "image" else {"output_mapping": {"image": name}}
    build: Step = {"task": stage.name, "privileged": True}
    config: Step = {"config": _config(place, stage, container)}
    if not publishes(place.request, place):
        return build | around | given | mapping | config
    build |= given | mapping | config
    params = {"image": f"{name}/image.tar", "additional_tags": f"{name}/tags"}
    put: Step = {"put": name, "inputs": [name], "params": params, "no_get": True}
    put |= {key: value for key, value in given.items() if key == "tags"}
    return {"do": [*_guard(place, stage, container), build, put]} | around


def _guard(place: Place, stage: Stage, container: Container) -> list[Step]:
    """A task that fails when the registry's secrets are missing: the put would, but after the build. The build never sees them."""
    registry = container.registry
    found = [secret for secret in (registry.username, registry.password) if secret] if registry else []
    if not images.credentials(container):
        return []
    script = joined([f': "${{{secret.name}:?the secret {secret.stored} is missing}}"' for secret in found])
    config: Step = {"platform": "linux", "image_resource": images.resource(place.settings.tools_image)}
    config |= {"params": {secret.name: variable(secret.stored) for secret in found}, "run": shell(script, "sh")}
    return [{"task": f"{stage.name}-secrets", "config": config}]


def _config(place: Place, stage: Stage, container: Container) -> Step:
    params = _params(container)
    config: Step = {"platform": "linux", "image_resource": images.resource(place.settings.build_image)}
    config |= {"inputs": tasks.inputs(stage), "outputs": [{"name": "image"}]}
    config["params"] = escape.params(params.items())
    config["run"] = _run(place, stage, container, params)
    return config


def _params(container: Container) -> dict[str, str]:
    context = REPO if container.context == "." else f"{REPO}/{container.context.rstrip('/')}"
    params = {"CONTEXT": context}
    if f"{REPO}/{container.dockerfile}" != f"{context}/Dockerfile":
        params["DOCKERFILE"] = f"{REPO}/{container.dockerfile}"
    return params | {f"BUILD_ARG_{name}": value for name, value in container.args}


def _run(place: Place, stage: Stage, container: Container, params: dict[str, str]) -> Step:
    """`build` alone, or a script around it that lays files over the context and writes the tags."""
    bracketed = escape.export(params.items())
    prepared = [*scripts.without_token(place), *scripts.copies_in(stage)]
    prepared = [f"cd {REPO}", *prepared, "cd .."] if prepared else []
    published = [_tags(place, container)] if publishes(place.request, place) else []
    if not (bracketed or prepared or published):
        return {"path": "build"}
    return shell(joined([*bracketed, *prepared, "build", *published]), "sh")


def _tags(place: Place, container: Container) -> str:
    """The file of tags that the put reads: `version` takes semantic versions alone (registry-image's `out.go`)."""
    tags = facts.spelled(" ".join(container.tags), place.event, f"{REPO}/")
    return f'printf "%s\\n" "{tags}" > image/tags'
