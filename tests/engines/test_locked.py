"""A pipeline whose cells have images of their own, rendered from a lock: on each engine the jobs are the same as without one."""

from __future__ import annotations

from hashlib import sha256
from importlib import import_module

import pytest

from pipelinekit.backend.emit import images
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from pipelinekit.semantics.pins import moving
from pipelinekit.testing import corpus
from pipelinekit.testing.scenarios import scenarios
from pipelinekit.testing.suite import Conformance, Result, examine, fitted
from tests.conformance import TARGETS
from tests.readers import engines


def locked(conformance: Conformance, target: str) -> Plan:
    """Files of all cells and of one, each cell in an image of its own."""
    written = corpus.plan("artifacts-of-cells")
    stages = tuple(replace(stage, image="python:${PYTHON}-slim") if stage.matrix else stage for stage in written.stages)
    found = fitted(replace(written, stages=stages), conformance)
    named = (*moving(found), *(images(found, target) or ()))
    return replace(found, locked={image: f"sha256:{sha256(image.encode()).hexdigest()}" for image in named})


@pytest.mark.parametrize("target", TARGETS)
def test_traces_agree(target: str) -> None:
    conformance: Conformance = import_module(f"tests.engines.{target}").conformance()
    missing = [f"{engine.name}: {why}" for engine in conformance.engines if (why := engine.missing()) is not None]
    present = tuple(engine for engine in conformance.engines if engine.missing() is None)
    if not present:
        engines.require("; ".join(missing))
    plan = locked(conformance, target)
    try:
        results = list(examine(conformance, "locked", plan, list(scenarios(plan))[:2], present))
    finally:
        for engine in present:
            engine.close()
    assert all(isinstance(result, Result) and not result.differences for result in results), results
    assert sum(isinstance(result, Result) and result.agrees for result in results) >= 2
