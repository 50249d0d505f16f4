"""The part of a plan that one event starts."""

from __future__ import annotations

from pipelinekit.lowering.events import only
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.selection import select
from tests.conftest import Define

TEXT = """\
from pipelinekit import *
p = Pipeline("demo", image="a")
lint = p.lint("x")
test = p.test("x", needs=[lint], only_if=changed("src/**"))
prod, late = Environment("prod"), Environment("late", on=[on.tag("v*")])
live = p.deploy("x", environment=prod, needs=[test])
p.deploy("x", environment=late, needs=[lint])
"""


def part(plan: Plan, slug: str) -> Plan:
    selection = select(plan)
    return only(plan, selection, next(event for event in selection.events if event.slug == slug))


def test_the_stages_of_each_event_with_their_needs(define: Define) -> None:
    plan = define(TEXT)
    shapes = {slug: {s.name: [n.stage for n in s.needs] for s in part(plan, slug).stages} for slug in ("push", "pull-request", "tag-v")}
    assert shapes == {
        "push": {"lint": [], "test": ["lint"], "deploy-prod": ["test"]},
        "pull-request": {"lint": [], "test": ["lint"]},
        "tag-v": {"lint": [], "deploy-late": ["lint"]},
    }


def test_environments_that_the_event_does_not_reach_are_gone(define: Define) -> None:
    plan = define(TEXT)
    assert {slug: [e.name for e in part(plan, slug).environments] for slug in ("push", "pull-request", "tag-v")} == {
        "push": ["prod"],
        "pull-request": [],
        "tag-v": ["late"],
    }


def test_everything_else_of_the_plan_stays(define: Define) -> None:
    plan = define(TEXT)
    cut = part(plan, "push")
    assert (cut.name, cut.trunk, cut.variables, cut.stage("test")) == (plan.name, plan.trunk, plan.variables, plan.stage("test"))
    assert [event.slug for event in cut.triggers] == ["push"]
