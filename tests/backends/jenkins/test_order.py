"""The order of the file, read back: all that the needs ask, and nothing more than was said."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelinekit import Environment, Matrix, Pipeline, Stage, changed, on
from pipelinekit.lowering.series import before as ancestors
from pipelinekit.model.value import replace
from pipelinekit.semantics.matrix import unroll
from tests import golden_cases
from tests.backends.jenkins.rendered import before, emission, jenkinsfile, model, stage
from tests.readers import jenkins

IMAGE = "python:3.12"


def needed(plan) -> set[tuple[str, str]]:
    names = [each.name for each in plan.stages if not each.is_post]
    needs = {each.name: {need.stage for need in each.needs} for each in plan.stages}
    return {(one, name) for name, above in ancestors(names, needs).items() for one in above}


@pytest.mark.parametrize("case", golden_cases.cases())
def test_needs_are_kept(case: str) -> None:
    plan = replace(golden_cases.plan(case), accept={"jenkins": {"overtaking": "it is a test"}})
    found = before(model(plan))
    printed = {name for pair in found for name in pair}
    cells = {each.name: each.name if each.name in printed else each.origin for each in unroll(plan).stages}
    assert {(cells[one], cells[other]) for one, other in needed(unroll(plan))} <= found


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sets(st.integers(0, 6), max_size=3), min_size=1, max_size=7))
def test_what_is_added_is_said(drawn: list[set[int]]) -> None:
    p = Pipeline("p", image=IMAGE)
    handles: list[Stage] = []
    for index, wanted in enumerate(drawn):
        handles.append(p.test("x", name=f"t{index}", needs=[handles[i] for i in sorted(wanted) if i < index]))
    plan = p.plan()
    found, asked = before(model(plan)), needed(plan)
    assert asked <= found
    said = [each.message for each in emission(plan).diagnostics if each.feature == "order" and each.level == "note"]
    assert bool(said) is (found != asked)


def test_a_chain_in_a_branch_waits_for_nobody_else() -> None:
    p = Pipeline("p", image=IMAGE)
    p.lint("a")
    data = p.data_pull("b")
    p.test("c", needs=[data])
    assert before(model(p)) == {("data-pull", "test")}
    assert not emission(p).diagnostics


def test_waves_are_said_and_named_by_kind() -> None:
    p = Pipeline("p", image=IMAGE)
    a, b = p.lint("a", name="a"), p.lint("b", name="b")
    p.test("c", name="c", needs=[a])
    p.test("d", name="d", needs=[a, b])
    assert [each["name"] for each in model(p)["stages"][0]["stages"]] == ["lint", "test"]
    weakened, named = emission(p).diagnostics
    assert (weakened.code, weakened.level, weakened.stage) == ("PK1404", "warning", "c")
    assert "c after b" in named.message


def test_an_exact_order_by_a_script() -> None:
    p = Pipeline("p", image=IMAGE, targets={"jenkins": {"order": "scripted"}})
    a, b = p.lint("a", name="a"), p.lint("b", name="b")
    p.test("c", name="c", needs=[a])
    p.test("d", name="d", needs=[a, b])
    text = jenkinsfile(p)
    assert "needs: ['a', 'b']" in text
    assert "needs: ['a']" in text
    assert "def runGraph(Map jobs)" in text
    assert not emission(p).diagnostics


def test_parallel_never_stands_in_parallel() -> None:
    p = Pipeline("p", image=IMAGE)
    p.lint("a", name="a")
    b = p.lint("b", name="b")
    for name in ("c", "d"):
        p.test(name, name=name, needs=[b])
    for outer in model(p)["stages"]:
        for branch in outer.get("parallel") or ():
            assert not any(inner.get("parallel") or inner.get("matrix") for inner in jenkins.stages(branch))


def test_nothing_waits_for_a_person_whom_it_does_not_need() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push()])
    a, b = p.test("a", name="a"), p.test("b", name="b")
    gate = p.gate("Go?", needs=[a])
    p.step("c", name="c", needs=[gate, b])
    p.step("d", name="d", needs=[b])
    found = before(model(p))
    assert ("gate", "d") not in found
    assert ("gate", "c") in found


def test_a_matrix_by_itself_is_a_matrix() -> None:
    p = Pipeline("p", image=IMAGE)
    version = Matrix("python", "3.11", "3.12")
    p.test("pytest", image=f"python:{version}", matrix=version, outputs=f"out/{version}/", reports=f"r-{version}.xml")
    [outer] = model(p)["stages"]
    assert outer["matrix"]["axes"] == [{"name": "PYTHON", "values": ["3.11", "3.12"]}]
    [inner] = outer["matrix"]["stages"]
    assert inner["agent"]["arguments"]["image"] == {"gstring": "python:${PYTHON}"}
    assert 'find "out/${PYTHON}/"' in jenkinsfile(p)


def test_a_matrix_beside_others_is_a_stage_per_cell() -> None:
    p = Pipeline("p", image=IMAGE)
    version = Matrix("python", "3.11", "3.12")
    p.lint("ruff check")
    p.test("pytest", image=f"python:{version}", matrix=version)
    read = model(p)
    assert {each["name"] for each in jenkins.stages(read)} >= {"lint", "test-3.11", "test-3.12"}
    assert stage(read, "test-3.12")["environment"] == [
        {"name": "PYTHON", "value": "3.12", "line": stage(read, "test-3.12")["environment"][0]["line"]}
    ]


def test_environments_that_wait_for_one_another_in_turn_are_one_block() -> None:
    p = Pipeline("p", image=IMAGE)
    one, other = Environment("one"), Environment("other")
    a = p.migrate("a", environment=one)
    b = p.migrate("b", environment=other)
    p.deploy("c", environment=other, needs=[a, b])
    p.deploy("d", environment=one, needs=[a, b])
    text = jenkinsfile(p)
    assert "lock(resource: 'p-one', extra: [[resource: 'p-other']])" in text


def test_groups_give_way_to_the_names_of_stages() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push()])
    a, b = p.test("a", name="a"), p.test("b", name="b")
    cells = p.test("pytest", matrix=Matrix("v", "1", "2"), needs=[a, b])
    c, d = p.step("c", name="c", needs=[cells]), p.step("d", name="d", needs=[cells])
    e, f = p.step("e", name="e", needs=[c, d]), p.step("f", name="f", needs=[c, d])
    p.deploy("x", environment=Environment("a"), needs=[e, f])
    assert [each["name"] for each in model(p)["stages"][0]["stages"]] == ["a, b", "test", "step", "e, f", "to a"]


def test_neighbours_that_the_same_events_start_ask_for_them_once() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push(), on.pull_request()])
    lint = p.lint("a")
    test = p.test("b", needs=[lint], only_if=changed("src/**"))
    gate = p.gate("Go?", needs=[p.deploy("c", environment=Environment("staging"), needs=[test])])
    p.deploy("d", environment=Environment("production"), needs=[gate])
    checks, deliveries = model(p)["stages"]
    assert (checks["name"], deliveries["name"]) == ("check", "deliver")
    assert [each["name"] for each in checks["stages"]] == ["lint", "test"]
    assert [each["name"] for each in deliveries["stages"]] == ["staging", "gate", "production"]
    assert [each["name"] for each in checks["stages"] if "when" in each] == ["test"]
    assert not any("when" in each for each in deliveries["stages"])


def test_further_deliveries_are_named_by_their_environments() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push(), on.pull_request()], accept={"jenkins": {"overtaking": "we tag one at a time"}})
    test = p.test("b")
    p.deploy("d", environment=Environment("production", on=[on.tag("v*")]), needs=[test])
    p.deploy("c", environment=Environment("staging"), needs=[p.gate("Go?", needs=[test])])
    assert [each["name"] for each in model(p)["stages"]] == ["test", "deliver", "deliver to staging"]


def test_what_all_stages_share_is_asked_under_the_pipelines_name() -> None:
    p = Pipeline("prices", image=IMAGE, triggers=[on.push()])
    p.test("b", needs=[p.lint("a")])
    [outer] = model(p)["stages"]
    assert outer["name"] == "prices"
    assert [each["name"] for each in outer["stages"]] == ["lint", "test"]


def test_a_condition_of_ones_own_is_not_asked_twice() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push()])
    p.test("b", needs=[p.lint("a", raw={"jenkins": {"when": "when { branch 'next' }"}})])
    lint, test = model(p)["stages"]
    assert [each["arguments"] for each in lint["when"]["conditions"]] == [{"pattern": "next"}]
    assert test["when"]["beforeAgent"]
