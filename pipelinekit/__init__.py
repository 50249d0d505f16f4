"""What a user may write in `pipeline.py`."""

from pipelinekit.authoring.pipeline import Pipeline
from pipelinekit.authoring.recipe import Recipe
from pipelinekit.authoring.stage import Stage
from pipelinekit.authoring.values import (
    Cache,
    Checkout,
    Environment,
    Event,
    Input,
    Matrix,
    Registry,
    Runner,
    Secret,
    Service,
    changed,
    ci,
    on,
)

__all__ = [
    "Cache",
    "Checkout",
    "Environment",
    "Event",
    "Input",
    "Matrix",
    "Pipeline",
    "Recipe",
    "Registry",
    "Runner",
    "Secret",
    "Service",
    "Stage",
    "changed",
    "ci",
    "on",
]
