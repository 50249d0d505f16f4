"""Recipes: bundles of what a stage runs and what that takes, each an ordinary function that a user could have written.

A module a tool or system (`from pipelinekit.recipes import alembic, dvc, smoke`), read when it is asked for.
"""

from pipelinekit.recipes.container import container

__all__ = ["container"]
"""The modules beside it are found by import alone: reading all of them would cost each definition."""
