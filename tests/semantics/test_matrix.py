"""A matrix becomes a stage per cell."""

from __future__ import annotations

from pipelinekit.model.plan import Need, Plan
from pipelinekit.semantics.matrix import cell_name, cells_of, unroll
from tests.conftest import Define

HEAD = """\
from pipelinekit import *
p = Pipeline("demo", image="python:3.12-slim")
py = Matrix("python", "3.11", "3.12")
os = Matrix("os", "a", "b")
"""


def needs(plan: Plan, name: str) -> dict[str, tuple[str, ...]]:
    return {need.stage: need.paths for need in unroll(plan).stage(name).needs}


def test_a_plan_without_matrices_stays_the_same_object(define: Define) -> None:
    plan = define(HEAD + 'p.test("x")')
    assert unroll(plan) is plan


def test_cells_in_the_order_of_their_axes(define: Define) -> None:
    plan = define(HEAD + 'p.lint("x")\np.test("x", matrix=[py, os])\np.step("x")')
    assert [stage.name for stage in unroll(plan).stages] == ["lint", "test-3.11-a", "test-3.11-b", "test-3.12-a", "test-3.12-b", "step"]
    assert [cell_name("test", cell) for cell in cells_of(plan.stage("test"))] == [
        "test-3.11-a",
        "test-3.11-b",
        "test-3.12-a",
        "test-3.12-b",
    ]


def test_values_stand_everywhere_but_in_commands(define: Define) -> None:
    plan = define(
        HEAD + 'p.test(f"tox -e {py}", matrix=py, image=f"python:{py}-slim", outputs=f"o-{py}/", reports=f"r-{py}.xml", keep=f"k-{py}/*",\n'
        '  variables={"MODE": "x"})'
    )
    cell = unroll(plan).stage("test-3.12")
    assert (cell.image, cell.outputs, cell.reports, cell.keep) == ("python:3.12-slim", ("o-3.12/",), ("r-3.12.xml",), ("k-3.12/*",))
    assert cell.commands == ("tox -e ${PYTHON}",)
    assert cell.variables == (("MODE", "x"), ("PYTHON", "3.12"))
    assert (cell.matrix, cell.cell, cell.of, cell.origin) == ((), (("python", "3.12"),), "test", "test")


def test_needing_the_stage_is_needing_each_cell(define: Define) -> None:
    plan = define(HEAD + 'a = p.test("x", matrix=py)\np.step("x", needs=[a])')
    assert needs(plan, "step") == {"test-3.11": (), "test-3.12": ()}


def test_a_path_with_the_value_is_each_cells_own(define: Define) -> None:
    plan = define(HEAD + 'a = p.test("x", matrix=py, outputs=f"o-{py}/")\np.step("x", needs=[a[f"o-{py}/"]])')
    assert needs(plan, "step") == {"test-3.11": ("o-3.11/",), "test-3.12": ("o-3.12/",)}


def test_one_cells_file_still_waits_for_all_cells(define: Define) -> None:
    plan = define(HEAD + 'a = p.test("x", matrix=py, outputs="cov.xml")\np.step("x", needs=[a.cell(python="3.12")["cov.xml"]])')
    assert needs(plan, "step") == {"test-3.11": (), "test-3.12": ("cov.xml",)}


def test_a_cell_that_is_asked_twice_is_needed_once(define: Define) -> None:
    plan = define(
        HEAD
        + 'a = p.test("x", matrix=py, outputs="c.xml")\np.step("x", needs=[a, a.cell(python="3.12")["c.xml"], a.cell(python="3.11")["c.xml"]])'
    )
    assert unroll(plan).stage("step").needs == (Need("test-3.11", ("c.xml",)), Need("test-3.12", ("c.xml",)))


def test_cells_need_cells(define: Define) -> None:
    plan = define(HEAD + 'a = p.build("x", matrix=os)\np.test("x", matrix=py, needs=[a])')
    assert needs(plan, "test-3.11") == {"build-a": (), "build-b": ()}


def test_unrolling_twice_changes_nothing(define: Define) -> None:
    once = unroll(define(HEAD + 'a = p.test("x", matrix=py)\np.step("x", needs=[a])'))
    assert unroll(once) is once
