"""Packages from a lock file, and a cache named by it; as `setup=` of the pipeline or a stage.

Each refuses a lock that doesn't fit what it was made from, where its tool can tell. What is installed is first on PATH for the commands.
"""

from collections.abc import Sequence

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.authoring.values import Cache
from pipelinekit.recipes.words import options, r_text, word, words

__all__ = ["conda", "pip", "pixi", "poetry", "renv", "uv"]


def pip(lock: str = "requirements.lock", *more: str, hashes: bool = True) -> Recipe:
    """Install what pip-compile, uv or pip-tools locked. With `hashes`, a package of other bytes, or one without a hash, is an error."""
    demand = " --require-hashes" if hashes else ""
    files = "".join(f" -r {word(file)}" for file in (lock, *more))
    return Recipe(commands=[f"python -m pip install{demand}{files}"], cache=[Cache.pip(lock)])


def uv(*, groups: Sequence[str] = (), extras: Sequence[str] = (), lock: str = "uv.lock") -> Recipe:
    """`uv sync`. A lock that `pyproject.toml` has outgrown is an error (`--locked`), where `--frozen` would install it all the same."""
    asked = options([*(("--group", group) for group in groups), *(("--extra", extra) for extra in extras)])
    return Recipe(commands=[f"uv sync --locked{asked}", _first(".venv/bin")], cache=[Cache.uv(lock)])


def poetry(*, groups: Sequence[str] = (), extras: Sequence[str] = (), lock: str = "poetry.lock") -> Recipe:
    """`poetry install` into `.venv`, once `poetry check --lock` has found the lock to fit."""
    asked = options([("--with", ",".join(groups) or None), *(("--extras", extra) for extra in extras)])
    return Recipe(
        commands=[
            "poetry check --lock",
            f"POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --no-interaction{asked}",
            _first(".venv/bin"),
        ],
        cache=[Cache(".cache/poetry", key=lock, variable="POETRY_CACHE_DIR")],
    )


def conda(lock: str = "conda-lock.yml", *, platform: str = "linux-64") -> Recipe:
    """Install what conda-lock locked, by micromamba: nothing is solved, so it takes seconds where `environment.yml` takes minutes.

    `platform` picks the packages of a lock of several. An explicit lock (`conda-linux-64.lock`) is taken too.
    """
    return Recipe(
        commands=[
            f'micromamba create --yes --prefix "$PWD/.conda" --platform {word(platform)} --file {word(lock)}',
            _first(".conda/bin"),
        ],
        cache=[Cache(".cache/conda", key=lock, variable="CONDA_PKGS_DIRS")],
    )


def pixi(environment: str = "default", *, lock: str = "pixi.lock") -> Recipe:
    """`pixi install`. A lock that the manifest has outgrown is an error (`--locked`)."""
    return Recipe(
        commands=[f"pixi install --locked --environment {word(environment)}", _first(f".pixi/envs/{environment}/bin")],
        cache=[Cache(".cache/pixi", key=lock, variable="PIXI_CACHE_DIR")],
    )


def renv(*repositories: str, lock: str = "renv.lock", library: str | None = None) -> Recipe:
    """Restore R's packages; `repositories` are asked in place of the lock's, such as one that has binaries for the image's system.

    Without `library` the project activates renv by its `.Rprofile`, which tells later commands where the packages are. With it they go
    into that folder of a project that doesn't, which later commands are told by `R_LIBS`. Needs the package renv, whose own cache is
    switched off: a library of links into it would be no use to the next run.
    """
    alone = {"RENV_CONFIG_CACHE_ENABLED": "FALSE"}
    asked = "" if not repositories else f", repos = c({', '.join(map(r_text, repositories))})"
    if library is None:
        return Recipe(commands=[f"Rscript -e{words(f'renv::restore(prompt = FALSE{asked})')}"], variables=alone, cache=[Cache.renv(lock)])
    code = f"renv::restore(prompt = FALSE, library = {r_text(library)}{asked})"
    place = word(library)
    return Recipe(
        commands=[f"mkdir -p {place}", f"Rscript -e{words(code)}", f'export R_LIBS="$PWD"/{place}'],
        variables=alone,
        cache=[Cache(library, key=lock)],
    )


def _first(folder: str) -> str:
    return f'export PATH="$PWD/{folder}:$PATH"'
