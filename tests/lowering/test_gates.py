"""A gate splits a run into parts."""

from __future__ import annotations

from pipelinekit.lowering.gates import joined, opening_gates, post_of, split
from pipelinekit.model.plan import Need, Plan
from tests.conftest import Define

HEAD = """\
from pipelinekit import *
p = Pipeline("demo", image="a")
a = p.build("x", outputs=["dist/", "m.json"])
one, two = Environment("one"), Environment("two")
"""


def shape(plan: Plan) -> list[tuple[str | None, list[str], tuple[str, ...]]]:
    return [(part.gate.name if part.gate else None, [s.name for s in part.plan.stages], part.requires) for part in split(plan)]


def test_no_gate_is_one_part(define: Define) -> None:
    plan = define(HEAD + 'p.test("x", needs=[a])')
    assert shape(plan) == [(None, ["build", "test"], ())]


def test_a_chain_of_gates(define: Define) -> None:
    plan = define(
        HEAD + 'g = p.gate("1?", name="g-one", needs=[a])\nd = p.deploy("x", environment=one, needs=[g])\n'
        'h = p.gate("2?", name="g-two", needs=[d])\np.deploy("x", environment=two, needs=[h, a["dist/"]])\np.lint("x")'
    )
    assert shape(plan) == [
        (None, ["build", "lint"], ()),
        ("g-one", ["deploy-one"], ("build",)),
        ("g-two", ["deploy-two"], ("deploy-one", "build")),
    ]
    assert [part.imports for part in split(plan)] == [(), (), (Need("build", ("dist/",)),)]
    assert [[environment.name for environment in part.plan.environments] for part in split(plan)] == [[], ["one"], ["two"]]


def test_needs_stay_within_their_part(define: Define) -> None:
    plan = define(
        HEAD
        + 'g = p.gate("1?", needs=[a])\nd = p.deploy("x", environment=one, needs=[g, a["m.json"]])\np.verify("x", environment=one, needs=[d, a])'
    )
    part = split(plan)[1]
    assert {s.name: [n.stage for n in s.needs] for s in part.plan.stages} == {"deploy-one": [], "verify-one": ["deploy-one"]}
    assert part.imports == (Need("build", ("m.json",)),)


def test_a_gate_behind_a_gate_opens_the_last_part(define: Define) -> None:
    plan = define(
        HEAD
        + 'g = p.gate("1?", name="g-one", needs=[a])\nh = p.gate("2?", name="g-two", needs=[g])\np.deploy("x", environment=one, needs=[h])'
    )
    assert shape(plan) == [(None, ["build"], ()), ("g-one", [], ("build",)), ("g-two", ["deploy-one"], ())]


def test_stages_behind_two_gates_of_which_neither_needs_the_other(define: Define) -> None:
    plan = define(
        HEAD + 'g = p.gate("1?", name="g-one", needs=[a])\nh = p.gate("2?", name="g-two", needs=[a])\n'
        'd = p.deploy("x", environment=one, needs=[g, h])\np.deploy("x", environment=two, needs=[g])'
    )
    assert [stage.name for stage in joined(plan)] == ["deploy-one"]


def test_ordered_gates_join_nothing(define: Define) -> None:
    plan = define(
        HEAD
        + 'g = p.gate("1?", name="g-one", needs=[a])\nh = p.gate("2?", name="g-two", needs=[g])\np.deploy("x", environment=one, needs=[g, h])'
    )
    assert joined(plan) == ()


def test_stages_after_all_others(define: Define) -> None:
    plan = define(HEAD + 'p.step("x", name="mail", when="on_failure")\np.step("x", name="clean", when="always")')
    assert [stage.name for stage in post_of(plan)] == ["mail", "clean"]


def test_which_gate_opens_what(define: Define) -> None:
    plan = define(
        HEAD
        + 'g = p.gate("1?", name="g-one", needs=[a])\nh = p.gate("2?", name="g-two", needs=[g])\np.deploy("x", environment=one, needs=[h])'
    )
    assert opening_gates(plan) == {"build": None, "g-one": None, "g-two": "g-one", "deploy-one": "g-two"}
