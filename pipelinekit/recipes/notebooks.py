"""Notebooks that are reviewed as text, run as a batch, and tested like code."""

from collections.abc import Mapping, Sequence

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.recipes.words import word, words

__all__ = ["clean", "execute", "from_text", "lint", "test"]


def from_text(*scripts: str) -> Recipe:
    """Make a notebook beside each script in jupytext's percent format, which is what git keeps."""
    return Recipe(commands=[f"jupytext --to ipynb{words(*scripts)}"])


def execute(notebook: str, *, output: str, parameters: Mapping[str, str] | None = None, kernel: str | None = None) -> Recipe:
    """Run a notebook by papermill. A failing cell fails the job, and the output notebook, which holds the error, is kept all the same.

    Parameters arrive as text; a value may hold facts and matrix values (`ci.sha`).
    """
    given = "".join(f" -r {word(name)} {word(text)}" for name, text in (parameters or {}).items())
    with_kernel = f" -k {word(kernel)}" if kernel else ""
    folder = output.rpartition("/")[0]
    made = [f"mkdir -p {word(folder)}"] if folder else []
    return Recipe(commands=[*made, f"papermill{with_kernel}{given} {word(notebook)} {word(output)}"], keep=[output])


def test(*notebooks: str, timeout: int = 300, report: str = "reports/notebooks.xml") -> Recipe:
    """Run every cell of the notebooks as a test, by nbmake; `timeout` bounds one cell, in seconds."""
    return Recipe(
        commands=[f"python -m pytest --nbmake --nbmake-timeout={timeout} --junitxml={word(report)}{words(*notebooks)}"], reports=[report]
    )


def lint(*notebooks: str, tool: Sequence[str] = ("ruff", "check")) -> Recipe:
    """Lint the cells' code with a tool for Python, by nbqa."""
    return Recipe(commands=[f"nbqa{words(' '.join(tool), *notebooks)}"])


def clean(*notebooks: str) -> Recipe:
    """Fail when a notebook is committed with outputs, which don't merge and may hold data."""
    return Recipe(commands=[f"nbstripout --verify{words(*notebooks)}"])
