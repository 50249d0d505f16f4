"""Any legal definition, on every installed target, is rendered or refused with a diagnostic; never anything else.

`PIPELINEKIT_FUZZ=20` looks at twenty times as many plans.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from pipelinekit.backend import registry
from pipelinekit.backend.emit import Emission, emit
from pipelinekit.check import check
from pipelinekit.diagnostics import CODES
from pipelinekit.model.border import from_json, to_json
from pipelinekit.model.plan import Plan, digest
from tests.golden_cases import GOLDEN
from tests.readers import scalars
from tests.strategies import plans
from tests.test_golden import problems

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
FUZZ = int(os.environ.get("PIPELINEKIT_FUZZ", "1"))


def installed() -> list[str]:
    """The targets whose package has its backend already."""
    return [name for name, point in registry.entry_points().items() if hasattr(importlib.import_module(point.partition(":")[0]), "backend")]


def fuzz(examples: int) -> settings:
    return settings(
        max_examples=examples * FUZZ,
        deadline=None,
        derandomize=FUZZ == 1,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=SLOW,
    )


def honest(emission: Emission) -> None:
    """Files and no error, or an error and no files; every finding with a known code and a line."""
    errors = [each for each in emission.diagnostics if each.level == "error"]
    assert bool(emission.files) is not bool(errors)
    for each in emission.diagnostics:
        assert each.code in CODES, each
        assert each.target == emission.target
        assert each.message and "\n" not in str(each), each
        assert each.source.line > 0, each
    for path, text in emission.files.items():
        assert not path.startswith(("/", "..")), path
        assert text.endswith("\n"), path


@pytest.mark.parametrize("target", installed())
@fuzz(40)
@given(plan=plans())
def test_rendered_or_refused(target: str, plan: Plan) -> None:
    if any(each.level == "error" for each in check(plan)):
        return
    emission = emit(plan, target)
    honest(emission)
    assert emit(plan, target) == emission


@pytest.mark.parametrize("target", installed())
@fuzz(60)
@given(plan=plans())
def test_its_reader_has_nothing_against_it(target: str, plan: Plan) -> None:
    """Raw text apart, for which its writer answers."""
    if plan.raw or any(stage.raw for stage in plan.stages) or any(each.level == "error" for each in check(plan)):
        return
    files = emit(plan, target).files
    if files:
        assert problems(target, files) == []
        assert scalars.problems(files) == []


@fuzz(60)
@given(plan=plans())
def test_a_plan_reads_back_equal(plan: Plan) -> None:
    text = to_json(plan)
    again = from_json(text)
    assert again == plan
    assert to_json(again) == text
    assert digest(again, "gitlab") == digest(plan, "gitlab")


@fuzz(100)
@given(plan=plans())
def test_check_only_ever_finds(plan: Plan) -> None:
    for each in check(plan):
        assert each.code in CODES
        assert each.source.line > 0


SCRIPT = """\
import hashlib, sys
from pipelinekit.backend.emit import emit
from pipelinekit.load import load
for case in sys.argv[2:]:
    plan = load(case + "/pipeline.py")
    for target in sys.argv[1].split(","):
        emission = emit(plan, target)
        print(case, target, hashlib.sha256(repr((emission.files, emission.diagnostics)).encode()).hexdigest())
"""


@pytest.mark.skipif(not installed(), reason="no target is installed")
def test_the_same_bytes_whatever_the_hash_seed() -> None:
    cases = ["after-all", "matrix-of-two", "secrets", "services", "environment-block", "event-forks", "container"]
    words = [sys.executable, "-c", SCRIPT, ",".join(installed()), *cases]
    said = {
        subprocess.run(words, cwd=GOLDEN, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(said) == 1
    assert said.pop().count("\n") == len(cases) * len(installed())


def test_the_strategy_uses_everything() -> None:
    """Every feature that a plan can use is in some generated plan; and most plans are clean."""
    from pipelinekit.model.features import FEATURES, uses
    from pipelinekit.semantics.selection import select

    used: set[str] = set()
    clean: list[bool] = []

    @settings(max_examples=250, deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=SLOW)
    @given(plan=plans())
    def look(plan: Plan) -> None:
        used.update(use.feature for use in uses(plan, select(plan).events))
        clean.append(not any(each.level == "error" for each in check(plan)))

    look()
    assert used == set(FEATURES)
    assert sum(clean) > len(clean) / 3


def test_golden_cases_are_beside_this_file() -> None:
    assert Path(__file__).parent / "golden" == GOLDEN
