"""Bugs seeded into the Concourse backend."""

from tests.mutants import Mutant
from tests.mutants.patches import edited

MUTANTS = (
    Mutant(
        "one attempt too few",
        edited("pipelinekit_concourse.tasks:modifiers", "stage.retries + 1", "stage.retries"),
        ("retries",),
        "attempts counts all of them, not the further ones",
    ),
    Mutant(
        "gates open by themselves",
        edited("pipelinekit_concourse.jobs:_Chained.plan", "triggers=not unit.is_gate", "triggers=True"),
        ("golden/gate",),
        "nobody would be asked",
    ),
)
