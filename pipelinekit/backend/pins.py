"""Images that backends name by themselves, in their settings, and what a lock lacks.

Which of them the files of a plan name is found by rendering: each image that isn't locked gets a made-up digest, and the
digests that stand in the files tell.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pipelinekit.backend.interface import AnyBackend
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Plan, Source
from pipelinekit.model.value import Field, replace
from pipelinekit.semantics.pins import moving, pinned

SettingsT = TypeVar("SettingsT")

HINT = "run pipelinekit lock"

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def unlocked(plan: Plan) -> Iterator[Diagnostic]:
    """A finding for each image that stages name and the plan's lock lacks; a plan from JSON may hold what is no digest at all."""
    for image, digest in (plan.locked or {}).items():
        if not _DIGEST.fullmatch(digest):
            yield Diagnostic("PK040", "error", f"{digest[:80]!r} is no digest of {image[:80]!r}", HINT, plan.source)
    for image, stages in moving(plan).items() if plan.locked is not None else ():
        if image not in (plan.locked or {}):
            names = ", ".join(dict.fromkeys(stage.name for stage in stages))
            first, *others = dict.fromkeys(stage.source for stage in stages)
            message = f"the lock has no digest of {image}, which {names} names"
            yield Diagnostic("PK040", "error", message, HINT, first, stage=stages[0].name, related=tuple(others))


def images(settings: object, digests: Mapping[str, str]) -> dict[str, str]:
    """The settings that name images of which a digest is known, with it."""
    return {name: pinned(image, digests) for name, image in moving_settings(settings).items() if image in digests}


def moving_settings(settings: object) -> dict[str, str]:
    """The settings that name images by tags."""
    fields: dict[str, Field] = getattr(settings, "__value_fields__")  # noqa: B009  # set by the decorator
    named = {name: getattr(settings, name) for name, each in fields.items() if each.metadata.get("image")}
    return {name: image for name, image in named.items() if image and "@" not in image}


def mark(image: str) -> str:
    """A digest that no image has, and that only this one is given."""
    from hashlib import sha256

    return f"sha256:{sha256(f'no digest of {image} is known'.encode()).hexdigest()}"


def marked(settings: SettingsT) -> SettingsT:
    """The settings with made-up digests of the images that have none."""
    found = moving_settings(settings)
    return replace(settings, **{name: f"{image}@{mark(image)}" for name, image in found.items()}) if found else settings


def unlocked_by(backend: AnyBackend, settings: Any, files: Mapping[str, str], source: Source) -> Iterator[Diagnostic]:
    """A finding for each image of the (marked) settings that stands in the files with a made-up digest."""
    fields: dict[str, Field] = settings.__value_fields__
    for name, each in fields.items():
        image, _, digest = str(getattr(settings, name)).partition("@") if each.metadata.get("image") else ("", "", "")
        if digest and digest == mark(image) and any(digest in text for text in files.values()):
            message = f"the lock has no digest of {image}, the {name} that these files name"
            yield Diagnostic("PK040", "error", message, HINT, source, backend.name)
