"""Recipes: bundles of what a stage runs and what that takes, each an ordinary function that a user could have written."""

from pipelinekit.recipes import alembic, dvc, smoke
from pipelinekit.recipes.container import container

__all__ = ["alembic", "container", "dvc", "smoke"]
