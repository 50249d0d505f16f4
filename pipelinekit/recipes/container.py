"""Container images."""

from collections.abc import Mapping, Sequence

from pipelinekit.authoring.recipe import ContainerBuild
from pipelinekit.authoring.values import Registry


def container(
    repository: str,
    *,
    tag: str,
    also: str | Sequence[str] = (),
    context: str = ".",
    dockerfile: str | None = None,
    args: Mapping[str, str] | None = None,
    registry: Registry | None = None,
) -> ContainerBuild:
    """Build an image from a Dockerfile and, in deliveries, publish it as `repository:tag`.

    `tag` must hold the commit (`ci.sha`); further tags stand in `also`. Raises DefinitionError for malformed names.
    """
    return ContainerBuild(repository, tag=tag, also=also, context=context, dockerfile=dockerfile, args=args, registry=registry)
