"""Levels, chains, and what may overlap."""

from __future__ import annotations

import pytest

from pipelinekit.lowering.order import is_chain, levels, overlapping
from tests.conftest import Define

HEAD = 'from pipelinekit import *\np = Pipeline("demo", image="x")\n'
SHAPES = {
    "chain": ('a = p.lint("x")\nb = p.test("x", needs=[a])\np.step("x", needs=[b])', ["lint", "test", "step"], True, ""),
    "diamond": (
        'a = p.lint("x")\nb = p.test("x", needs=[a])\nc = p.build("x", needs=[a])\np.step("x", needs=[b, c])',
        ["lint", "test build", "step"],
        False,
        "",
    ),
    "long and short way": ('a = p.lint("x")\nb = p.test("x", needs=[a])\np.step("x", needs=[a, b])', ["lint", "test", "step"], True, ""),
    "unrelated": ('p.lint("x")\np.test("x")\np.step("x")', ["lint test step"], False, "lint test"),
    "two chains": (
        'a = p.lint("x")\nb = p.test("x")\np.build("x", needs=[a])\np.step("x", needs=[b])',
        ["lint test", "build step"],
        False,
        "lint build",
    ),
    "one": ('p.step("x")', ["step"], True, ""),
}


@pytest.mark.parametrize("text, expected, chain, beside", SHAPES.values(), ids=SHAPES)
def test_shape(define: Define, text: str, expected: list[str], chain: bool, beside: str) -> None:
    plan = define(HEAD + text)
    assert [" ".join(stage.name for stage in level) for level in levels(plan.stages)] == expected
    assert is_chain(plan) is chain
    assert " ".join(stage.name for stage in overlapping(plan, plan.stage("step"))) == beside


def test_needs_outside_of_the_stages_count_for_nothing(define: Define) -> None:
    plan = define(HEAD + SHAPES["chain"][0])
    assert [[stage.name for stage in level] for level in levels(plan.stages[1:])] == [["test"], ["step"]]


def test_no_stages_have_no_levels() -> None:
    assert levels(()) == ()
