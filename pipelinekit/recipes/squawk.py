"""Does a migration lock tables, or break the version that still runs?"""

from collections.abc import Sequence

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.recipes.words import word, words

__all__ = ["lint"]


def lint(*files: str, exclude: Sequence[str] = (), postgres: str | None = None) -> Recipe:
    """Fail on SQL that isn't safe while the old version runs: a column dropped or renamed, NOT NULL without a default, a type changed, an
    index built without CONCURRENTLY, no lock timeout. `exclude` names squawk's rules; `postgres` is the server's version.
    """
    excluded = f" --exclude={word(','.join(exclude))}" if exclude else ""
    version = f" --pg-version={word(postgres)}" if postgres else ""
    return Recipe(commands=[f"squawk{excluded}{version}{words(*files)}"])
