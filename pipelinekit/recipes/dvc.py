"""Data that is too large for git, kept by DVC."""

from collections.abc import Sequence

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.authoring.values import Cache, Secret
from pipelinekit.text.shell import quote


def pull(*paths: str, secrets: Sequence[Secret] = (), lock: str | None = None) -> Recipe:
    """Get the data of `paths` from the remote and demand that it is what the lock says.

    `dvc pull` alone ends green when told to allow missing files, and `dvc status` without `-q` always does; so both run
    in their strict forms. The paths become outputs; `lock` names the cache of the pulled data.
    """
    words = " ".join(quote(path) for path in paths)
    targets = f" {words}" if words else ""
    return Recipe(
        commands=[f"dvc pull -q{targets}", f"dvc status -q{targets}"],
        secrets=secrets,
        outputs=paths,
        cache=[Cache.dvc(lock)] if lock else [],
    )
