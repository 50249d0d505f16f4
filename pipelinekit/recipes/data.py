"""Is the data good enough to work with?"""

from pipelinekit.authoring.recipe import Recipe
from pipelinekit.recipes.words import words

__all__ = ["validate"]


def validate(path: str, *, schema: str) -> Recipe:
    """Hold a table against its schema (columns, types, required values, ranges, patterns), by frictionless.

    The schema is a Table Schema in YAML or JSON, in the repository. The first errors are printed, with row and column.
    """
    return Recipe(commands=[f"frictionless validate{words(path)} --schema{words(schema)}"])
