"""The conformance suite, for any backend: the corpus with its traces, the probe, the comparison with the interpreter, and the
proof that no field of a definition is passed over in silence.
"""

from pipelinekit.testing.engine import Engine, Level
from pipelinekit.testing.fields import INEFFECTIVE, Ineffective, Silent, silent_fields
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.suite import Conformance, Loss, Refusal, Result, examine

__all__ = [
    "INEFFECTIVE",
    "Conformance",
    "Engine",
    "Ground",
    "Ineffective",
    "Level",
    "Loss",
    "Refusal",
    "Result",
    "Silent",
    "examine",
    "silent_fields",
]
