"""Random plans in random scenarios, on every engine: each agrees with the interpreter, as far as its table says that it can.

`PIPELINEKIT_FUZZ=20` looks at twenty times as many.
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinekit.check import check
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Conformance, Engine, Result, examine
from pipelinekit.testing.scenarios import scenarios
from tests.conformance import TARGETS
from tests.conformance import conformance as made
from tests.engines.harmless import harmless
from tests.readers.engines import require
from tests.strategies import plans
from tests.test_property import fuzz


def first(conformance: Conformance) -> Engine:
    """The engine that shows most: each target names its own interpreter first."""
    return conformance.engines[0]


def some(plan: Plan, seed: int) -> list[Scenario]:
    """Two scenarios: the first event's passing run, and any other in which nothing hangs."""
    found = [each for each in scenarios(plan) if not any(failure.kind == "hang" for failure in each.failures)]
    return [found[0], Random(seed).choice(found)]


@pytest.mark.parametrize("target", TARGETS)
@fuzz(12)
@given(plan=plans(max_stages=5), seed=st.integers(0, 2**16))
def test_a_random_plan_does_what_the_contract_says(target: str, plan: Plan, seed: int) -> None:
    plan = harmless(plan)
    if any(each.level == "error" for each in check(plan)):
        return
    conformance = made(target)
    if not conformance.engines:
        require(f"no engine of {target} is here")
    for result in examine(conformance, "random", plan, some(plan, seed), [first(conformance)]):
        if isinstance(result, Result) and result.skipped is None:
            assert result.differences == (), result.scenario
