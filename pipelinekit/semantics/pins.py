"""Images by digest: which ones a plan names by tags that may move, and the plan with the digests of its lock in it."""

from collections.abc import Iterator, Mapping

from pipelinekit.model.plan import Plan, Stage
from pipelinekit.model.value import replace
from pipelinekit.semantics.matrix import cells_of, fill, unroll


def moving(plan: Plan) -> dict[str, tuple[Stage, ...]]:
    """Each image that is named by a tag, or by no tag at all, with the stages that name it; of a matrix those of all cells.

    Images that hold the commit, or that a stage of the plan publishes, are this pipeline's own work: no digest is known before.
    """
    own = {ref for stage in plan.stages if stage.container for ref in stage.container.refs}
    found: dict[str, dict[str, Stage]] = {}
    for stage in plan.stages:
        for image in _images(stage):
            if "@" not in image and "${" not in image and image not in own:
                found.setdefault(image, {})[stage.name] = stage
    return {image: tuple(stages.values()) for image, stages in found.items()}


def _images(stage: Stage) -> Iterator[str]:
    if stage.image is not None:
        yield from _filled(stage)
    for service in stage.services:
        yield service.image


def _filled(stage: Stage) -> Iterator[str]:
    """The stage's image, once for each cell that has its own."""
    image = stage.image or ""
    if "${" in image and stage.matrix:
        yield from dict.fromkeys(fill(image, cell) for cell in cells_of(stage))
    else:
        yield image


def pin(plan: Plan) -> Plan:
    """The plan whose images are those of its lock. A stage whose cells have images of their own becomes a stage for each cell,
    under the name of its job, as if it had been written so.
    """
    digests = plan.locked
    if digests is None:
        return plan
    apart = {stage.name for stage in plan.stages if stage.matrix and _differs(stage, digests)}
    stages = (_pinned(stage, digests) for stage in unroll(plan, apart).stages)
    return replace(plan, stages=tuple(replace(stage, of=None, cell=()) if stage.of in apart else stage for stage in stages), locked=None)


def _differs(stage: Stage, digests: Mapping[str, str]) -> bool:
    return "${" in (stage.image or "") and any(image in digests for image in _filled(stage))


def _pinned(stage: Stage, digests: Mapping[str, str]) -> Stage:
    services = tuple(replace(service, image=pinned(service.image, digests)) for service in stage.services)
    image = None if stage.image is None else pinned(stage.image, digests)
    return stage if (image, services) == (stage.image, stage.services) else replace(stage, image=image, services=services)


def pinned(image: str, digests: Mapping[str, str]) -> str:
    """The image with its digest, where one is known: the tag stays for people, engines go by the digest."""
    return f"{image}@{digests[image]}" if image in digests else image
