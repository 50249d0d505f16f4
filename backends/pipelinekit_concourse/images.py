"""Image names in the words of the registry-image resource."""

import re
from typing import Any

from pipelinekit.model.plan import Container, Stage
from pipelinekit.text.yaml import Commented
from pipelinekit_concourse import facts
from pipelinekit_concourse.escape import local as local_variable
from pipelinekit_concourse.escape import variable
from pipelinekit_concourse.place import REPO, Place, local

_SPELLED = {"${PK_SHA}": local_variable("sha"), "${PK_SHORT_SHA}": local_variable("short-sha")}


def resource(image: str) -> dict[str, Any]:
    """`image_resource`: repository and tag apart; a digest pins the version."""
    name, _, digest = image.partition("@")
    repository, tag = _apart(name)
    source = {"repository": repository} | ({"tag": tag} if tag else {})
    found: dict[str, Any] = {"type": "registry-image", "source": source}
    return found | ({"version": {"digest": digest}} if digest else {})


def resource_type(image: str) -> dict[str, Any]:
    """The same for a resource type, which takes no `version`: its digest stands where a tag does. The resource asks the registry
    for `/manifests/TAG` without a look at it (registry-image's `check.go`), which a registry answers for digests too.
    """
    found = resource(image)
    pinned = found.pop("version", None)
    if pinned:
        tag = found["source"].get("tag")
        found["source"]["tag"] = Commented(pinned["digest"], tag) if tag else pinned["digest"]
    return found


def of(place: Place, stage: Stage) -> dict[str, Any]:
    """The stage's image; one that this pipeline publishes is pulled with the registry's own secrets."""
    image = local(stage, stage.image or "")
    for text, spelled in _SPELLED.items():
        image = image.replace(text, spelled)
    found = resource(image)
    found["source"] |= _credentials(place, found["source"]["repository"])
    return found


def _credentials(place: Place, repository: str) -> dict[str, str]:
    """The registry's secrets, for an image that a stage of this pipeline publishes."""
    for stage in place.plan.stages:
        if stage.container and stage.container.repository == repository:
            return credentials(stage.container)
    return {}


def credentials(container: Container) -> dict[str, str]:
    registry = container.registry
    if not registry or not registry.username or not registry.password:
        return {}
    return {"username": variable(registry.username.stored), "password": variable(registry.password.stored)}


def _apart(name: str) -> tuple[str, str]:
    """Repository and tag; the colon of `((.:axis))` parts nothing, nor does that of a port."""
    folder, slash, last = name.rpartition("/")
    image, *tag = re.split(r"(?<!\.):", last, maxsplit=1)
    return f"{folder}{slash}{image}", tag[0] if tag else ""


def loads(place: Place, stages: tuple[Stage, ...]) -> list[dict[str, Any]]:
    """Steps that load the commit, which is no secret, for images whose tag holds it."""
    text = "".join(stage.image or "" for stage in stages if not stage.services)
    file = f"{REPO}/{facts.commit_file(place.event)}"
    steps: list[dict[str, Any]] = []
    if "${PK_SHA}" in text:
        steps.append({"load_var": "sha", "file": file, "format": "trim", "reveal": True})
    if "${PK_SHORT_SHA}" in text:
        run = {"path": "sh", "args": ["-ec", f"cut -c1-8 {file} > short-sha/text"]}
        config: dict[str, Any] = {"platform": "linux", "image_resource": resource(place.settings.tools_image)}
        config |= {"inputs": [{"name": REPO}], "outputs": [{"name": "short-sha"}], "run": run}
        steps += [
            {"task": "short-sha", "config": config},
            {"load_var": "short-sha", "file": "short-sha/text", "format": "trim", "reveal": True},
        ]
    return steps
