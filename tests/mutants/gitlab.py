"""Bugs seeded into the GitLab backend."""

from tests.mutants import Mutant
from tests.mutants.patches import edited

MUTANTS = (
    Mutant(
        "gates that nothing waits for",
        edited("pipelinekit_gitlab.jobs:_gate", '"allow_failure": False,', '"allow_failure": True,'),
        ("golden/gate",),
        "what follows would be delivered before anybody was asked",
    ),
    Mutant(
        "the last retry is lost",
        edited("pipelinekit_gitlab.jobs:_frame", "min(stage.retries, MOST_RETRIES)", "min(stage.retries, 1)"),
        ("retries",),
        "a job gets one attempt less than asked for",
    ),
)
