"""The conformance suite, for any backend: the corpus with its traces, the probe, and the comparison with the interpreter."""

from pipelinekit.testing.engine import Engine, Level
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.suite import Conformance, Loss, Refusal, Result, examine

__all__ = ["Conformance", "Engine", "Ground", "Level", "Loss", "Refusal", "Result", "examine"]
