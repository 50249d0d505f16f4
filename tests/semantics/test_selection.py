"""Which stages run on which event. A row: a definition, and per event the stages that it starts."""

from __future__ import annotations

import pytest

from pipelinekit.model.plan import Event, Plan
from pipelinekit.semantics.selection import ancestors, block, deliveries, delivers, descendants, own_events, select
from tests.conftest import Define

HEAD = """\
from pipelinekit import *
from pipelinekit.recipes import container
def P(**options):
    return Pipeline("demo", image="a", **options)
S = Secret("TOKEN")
prod = Environment("prod")
"""


def runs(plan: Plan) -> dict[str, str]:
    selection = select(plan)
    return {event.slug: " ".join(stage.name for stage in plan.stages if selection.selects(event, stage)) for event in selection.events}


ROWS = {
    "checks run on the default triggers": (
        'p = P()\np.lint("x")',
        {"push": "lint", "pull-request": "lint"},
    ),
    "triggers replace the default": (
        'p = P(triggers=[on.schedule("nightly", "0 3 * * *"), on.manual("go")])\np.lint("x")',
        {"schedule-nightly": "lint", "manual-go": "lint"},
    ),
    "deliveries run on what their environment takes": (
        'p = P()\na = p.test("x")\np.deploy("x", environment=prod, needs=[a])',
        {"push": "test deploy-prod", "pull-request": "test"},
    ),
    "closure: a delivery on tags brings its needs along": (
        'p = P()\ne = Environment("prod", on=[on.tag("v*")])\na = p.test("x")\np.deploy("x", environment=e, needs=[a])',
        {"push": "test", "pull-request": "test", "tag-v": "test deploy-prod"},
    ),
    "closure goes through several needs": (
        'p = P()\nd = p.data_pull("x")\na = p.test("x", needs=[d])\np.step("x", needs=[a], on=[on.schedule("n", "0 3 * * *")])',
        {"push": "data-pull test", "pull-request": "data-pull test", "schedule-n": "data-pull test step"},
    ),
    "a stage's own on= replaces its default and is not widened": (
        'p = P()\na = p.lint("x", on=[on.push()])\np.test("x")',
        {"push": "lint test", "pull-request": "test"},
    ),
    "a gate runs where something needs it and nowhere else": (
        'p = P()\na = p.test("x")\ng = p.gate("Go?", needs=[a])\np.deploy("x", environment=prod, needs=[g])',
        {"push": "test gate deploy-prod", "pull-request": "test"},
    ),
    "a gate that nobody needs never runs": (
        'p = P()\na = p.test("x")\np.gate("Go?", needs=[a])',
        {"push": "test", "pull-request": "test"},
    ),
    "a delivery's own on= replaces its environment's": (
        'p = P()\np.deploy("x", environment=prod, on=[on.manual("ship")])',
        {"manual-ship": "deploy-prod"},
    ),
    "a branch push is an event of its own": (
        'p = P(triggers=[on.push(), on.push("release/*")])\np.test("x")\np.lint("x", on=[on.push("release/*")])',
        {"push": "test", "push-release": "test lint"},
    ),
    "two manual runs with different inputs are two events": (
        'p = P(triggers=[on.manual("a"), on.manual("b", inputs=[Input("x")])])\np.test("x")',
        {"manual-a": "test", "manual-b": "test"},
    ),
    "an event that selects nothing is no event": (
        'p = P(triggers=[on.push(), on.tag("v*")])\np.test("x", on=[on.push()])',
        {"push": "test"},
    ),
    "pull requests with and without forks are one event": (
        'p = P(triggers=[on.pull_request()])\np.test("x")\np.lint("x", on=[on.pull_request(forks=True)])',
        {"pull-request": "test lint"},
    ),
}


@pytest.mark.parametrize("text, expected", ROWS.values(), ids=ROWS)
def test_selection(define: Define, text: str, expected: dict[str, str]) -> None:
    assert runs(define(HEAD + text)) == expected


FORKS = {
    "without forks=True there are none": ('p = P()\np.test("x")', ""),
    "all checks of the triggers": ('p = P(triggers=[on.pull_request(forks=True)])\na = p.lint("x")\np.test("x", needs=[a])', "lint test"),
    "a stage with a secret is left out": ('p = P(triggers=[on.pull_request(forks=True)])\np.lint("x")\np.test("x", secrets=[S])', "lint"),
    "and all that need it": (
        'p = P(triggers=[on.pull_request(forks=True)])\na = p.lint("x", secrets=[S])\nb = p.test("x", needs=[a])\np.step("x", needs=[b])\np.build("x")',
        "build",
    ),
    "where every stage has a secret no fork starts a run": ('p = P(triggers=[on.pull_request(forks=True)])\np.test("x", secrets=[S])', ""),
    "a stage that takes no forks is left out": (
        'p = P(triggers=[on.pull_request()])\np.lint("x")\np.test("x", on=[on.pull_request(forks=True)])',
        "test",
    ),
    "its needs come along": (
        'p = P(triggers=[on.pull_request()])\na = p.lint("x")\np.test("x", on=[on.pull_request(forks=True)], needs=[a])',
        "lint test",
    ),
    "a registry's secrets belong to publishing": (
        'p = P(triggers=[on.pull_request(forks=True)])\nr = Registry("quay.io", username=S, password=S)\n'
        'p.build(container("quay.io/a/b", tag=ci.sha, registry=r))',
        "build",
    ),
}


@pytest.mark.parametrize("text, expected", FORKS.values(), ids=FORKS)
def test_forks(define: Define, text: str, expected: str) -> None:
    plan = define(HEAD + text)
    selection = select(plan)
    assert " ".join(stage.name for stage in plan.stages if selection.in_forks(stage)) == expected
    assert {event.forks for event in selection.events if event.kind == "pull_request"} <= {bool(expected)}


BLOCKS = {
    "one stage": ('p = P()\np.deploy("x", environment=prod)', "deploy-prod"),
    "all stages of the environment": (
        'p = P()\nm = p.migrate("x", environment=prod)\nd = p.deploy("x", environment=prod, needs=[m])\np.verify("x", environment=prod, needs=[d])',
        "migrate-prod deploy-prod verify-prod",
    ),
    "what lies between, and nothing before or after": (
        'p = P()\na = p.lint("x")\nm = p.migrate("x", environment=prod, needs=[a])\ns = p.step("x", needs=[m])\nb = p.step("x", name="beside", needs=[m])\n'
        'd = p.deploy("x", environment=prod, needs=[s])\np.step("x", name="after", needs=[d])',
        "migrate-prod step deploy-prod",
    ),
    "parts that no need joins": ('p = P()\np.migrate("x", environment=prod)\np.deploy("x", environment=prod)', "migrate-prod deploy-prod"),
    "not another environment's": (
        'p = P()\nd = p.deploy("x", environment=prod)\np.deploy("x", environment=Environment("next"), needs=[d])',
        "deploy-prod",
    ),
}


@pytest.mark.parametrize("text, expected", BLOCKS.values(), ids=BLOCKS)
def test_block(define: Define, text: str, expected: str) -> None:
    assert " ".join(stage.name for stage in block(define(HEAD + text), "prod")) == expected


DIAMOND = (
    'p = P()\na = p.lint("x")\nb = p.test("x", needs=[a])\nc = p.build("x", needs=[a])\nd = p.step("x", needs=[b, c])\ne = p.data_pull("x")'
)


@pytest.mark.parametrize(
    "name, before, after",
    [
        ("lint", set(), {"test", "build", "step"}),
        ("test", {"lint"}, {"step"}),
        ("step", {"lint", "test", "build"}, set()),
        ("data-pull", set(), set()),
    ],
)
def test_before_and_after(define: Define, name: str, before: set[str], after: set[str]) -> None:
    plan = define(HEAD + DIAMOND)
    assert ancestors(plan, [name]) == before
    assert descendants(plan, [name]) == after


def test_what_delivers(define: Define) -> None:
    plan = define(
        HEAD
        + 'p = P()\ne = Environment("next", on=[on.push(), on.tag("v*")])\np.deploy("x", environment=prod)\np.deploy("x", environment=e)'
    )
    assert [event.slug for event in deliveries(plan)] == ["push", "tag-v"]
    assert delivers(plan, Event("push"))
    assert delivers(plan, Event("tag", tag="v*"))
    assert not delivers(plan, Event("pull_request"))
    assert not delivers(plan, Event("push", branches=("release/*",)))


def test_own_events_of_a_gate_are_none(define: Define) -> None:
    plan = define(HEAD + 'p = P()\na = p.test("x")\np.gate("Go?", needs=[a])')
    assert own_events(plan, plan.stage("gate")) == ()


def test_a_cell_runs_where_its_stage_does(define: Define) -> None:
    from pipelinekit.semantics.matrix import unroll

    plan = define(HEAD + 'p = P()\np.test("x", matrix=Matrix("os", "a", "b"))')
    selection = select(plan)
    assert [len(selection.runs(stage)) for stage in unroll(plan).stages] == [2, 2]
