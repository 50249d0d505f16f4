"""Bugs seeded into the Jenkins backend."""

from tests.mutants import Mutant
from tests.mutants.patches import edited

MUTANTS = (
    Mutant(
        "environments without a lock",
        edited("pipelinekit_jenkins.stages:Stages._environment", 'block("options", self._lock(tree.environments)),', ""),
        ("golden/environment",),
        "two builds would deploy to one environment at the same time",
    ),
    Mutant(
        "one attempt too few",
        edited("pipelinekit_jenkins.steps:steps", 'option("retry", stage.retries + 1)', 'option("retry", stage.retries)'),
        ("golden/timeout-and-retries",),
        "retry counts all attempts, not the further ones",
    ),
)
