"""Bugs seeded into the Cloud Build backend."""

from tests.mutants import Mutant
from tests.mutants.patches import edited

MUTANTS = (
    Mutant(
        "older deliveries go on",
        edited("pipelinekit_cloudbuild.locks:_not_overtaken", "exit 1", "exit 0"),
        ("blocks",),
        "an older commit would replace a newer one",
    ),
    Mutant(
        "triggers on branches that only begin like trunk",
        edited("pipelinekit_cloudbuild.triggers:_git_event", 'branch = f"^{expression(trunk)}$"', 'branch = f"^{expression(trunk)}"'),
        ("golden/environment",),
        "a push to main-old would be delivered",
    ),
)
