"""Tests and wheels of a Python project."""

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.recipes.words import word, words

__all__ = ["pytest", "wheel"]


def pytest(*paths: str, report: str = "reports/junit.xml", coverage: str | None = None, options: str = "") -> Recipe:
    """Run pytest; the report is kept whether it passes or fails. `coverage` names a package, and needs pytest-cov.

    That no test was found is an error (exit code 5), so a moved folder of tests can't pass for a green one.
    """
    covered = f" --cov={word(coverage)} --cov-report=term" if coverage else ""
    more = f" {options}" if options else ""
    return Recipe(commands=[f"python -m pytest --junitxml={word(report)}{covered}{more}{words(*paths)}"], reports=[report])


def wheel(project: str = ".", *, folder: str = "dist/", commit: str | None = None) -> Recipe:
    """Build the project's wheel without its dependencies, and hand it on. `commit` names a file of the package to write the commit to,
    which the installed software can then tell to whoever asks.

    The build runs with what is installed (`--no-build-isolation`): a backend that pip would fetch is in no lock file.
    """
    told = [f'printf "%s\\n" "${{PK_SHA}}" >{word(commit)}'] if commit else []
    return Recipe(
        commands=[*told, f"python -m pip wheel --no-deps --no-build-isolation --wheel-dir {word(folder)} {word(project)}"],
        outputs=[folder],
    )
