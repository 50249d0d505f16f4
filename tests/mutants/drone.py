"""Bugs seeded into the Drone backend."""

from tests.mutants import Mutant
from tests.mutants.patches import edited

MUTANTS = (
    Mutant(
        "promotions start on any target",
        edited("pipelinekit_drone.triggers:trigger", '"target": Flow([document.target]), ', ""),
        ("golden/gate",),
        "promoting one environment would deploy another",
    ),
    Mutant(
        "environments without a lock",
        edited("pipelinekit_drone.render:_pipeline", 'data["concurrency"] = {"limit": 1}', "pass"),
        ("golden/environment",),
        "two runs would deploy at the same time",
    ),
)
