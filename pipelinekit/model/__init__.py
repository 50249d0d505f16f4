"""What a definition means, as data: frozen values, ids instead of references. Every part of the tool reads this and nothing else."""

from pipelinekit.model.plan import (
    Axis,
    Cache,
    Checkout,
    Container,
    Environment,
    Event,
    Input,
    Need,
    Plan,
    Registry,
    Runner,
    Secret,
    Service,
    Source,
    Stage,
)

__all__ = [
    "Axis",
    "Cache",
    "Checkout",
    "Container",
    "Environment",
    "Event",
    "Input",
    "Need",
    "Plan",
    "Registry",
    "Runner",
    "Secret",
    "Service",
    "Source",
    "Stage",
]
