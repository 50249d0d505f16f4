"""Data that is too large for git, kept by DVC."""

from collections.abc import Sequence

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.authoring.values import Cache, Checkout, Secret
from pipelinekit.recipes.words import word, words

__all__ = ["fresh", "metrics", "pull", "pushed"]


def fresh(*stages: str) -> Recipe:
    """Fail when code, parameters or data have changed since `dvc.lock` was written. Needs no data: a clone is enough.

    `dvc repro --dry` ends green whatever it finds; with `--allow-missing` it ends in an error when a stage would run.
    """
    return Recipe(commands=[f"dvc repro --allow-missing --dry{words(*stages)}"])


def pushed(*paths: str, secrets: Sequence[Secret] = ()) -> Recipe:
    """Fail when data that the lock names is not in the remote: who forgot `dvc push` hears it before trunk does.

    `dvc status -c` ends green whatever it finds; with `-q` it tells by its exit code.
    """
    return Recipe(commands=[f"dvc status -c -q{words(*paths)}"], secrets=secrets)


def metrics(base: str = "origin/main") -> Recipe:
    """Print how the metrics differ from another commit's; `model.gate` is what fails on them."""
    return Recipe(commands=[f"dvc metrics diff --all {word(base)}"], checkout=Checkout(history=True))


def pull(*paths: str, secrets: Sequence[Secret] = (), lock: str | None = None) -> Recipe:
    """Get the data of `paths` from the remote and demand that it is what the lock says.

    `dvc pull` alone ends green when told to allow missing files, and `dvc status` without `-q` always does; so both run
    in their strict forms. The paths become outputs; `lock` names the cache of the pulled data.
    """
    targets = words(*paths)
    return Recipe(
        commands=[f"dvc pull -q{targets}", f"dvc status -q{targets}"],
        secrets=secrets,
        outputs=paths,
        cache=[Cache.dvc(lock)] if lock else [],
    )
