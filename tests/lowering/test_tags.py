"""A tag delivers only from trunk."""

from __future__ import annotations

from pipelinekit.lowering.tags import NAME, guard
from pipelinekit.semantics.selection import select
from tests.conftest import Define

HEAD = 'from pipelinekit import *\np = Pipeline("demo", trunk="master", image="x")\nt = p.test("x")\n'
TAGGED = (
    HEAD
    + 'e = Environment("e", on=[on.push(), on.tag("v*")])\np.deploy("x", environment=e, needs=[t])\np.deploy("x", environment=Environment("f"))'
)


def test_without_tags_nothing_changes(define: Define) -> None:
    plan = define(HEAD + 'p.lint("x", on=[on.tag("v*")])\np.deploy("x", environment=Environment("e"))')
    assert guard(plan) is plan


def test_the_guard_stands_first_and_before_the_stages_of_that_environment_alone(define: Define) -> None:
    plan = guard(define(TAGGED))
    assert [stage.name for stage in plan.stages] == [NAME, "test", "deploy-e", "deploy-f"]
    assert [NAME in [need.stage for need in stage.needs] for stage in plan.stages] == [False, False, True, False]


def test_it_runs_on_those_tags_alone_and_sees_the_history(define: Define) -> None:
    plan = guard(define(TAGGED))
    selection = select(plan)
    assert [event.slug for event in selection.runs(NAME)] == ["tag-v"]
    assert plan.stage(NAME).checkout.history
    assert "git fetch origin refs/heads/master" in plan.stage(NAME).commands[0]


def test_images_that_such_a_tag_selects_wait_for_it_too(define: Define) -> None:
    head = HEAD + "from pipelinekit.recipes import container\n"
    build = 'i = p.build(container("acme/x", tag=ci.sha), needs=[t])\np.build(container("acme/y", tag=ci.sha), name="other")\n'
    plan = guard(define(head + build + 'p.deploy("x", environment=Environment("e", on=[on.tag("v*")]), needs=[i])'))
    assert [stage.name for stage in plan.stages if any(need.stage == NAME for need in stage.needs)] == ["build", "deploy-e"]


def test_it_keeps_no_build_out_of_the_pull_requests_of_forks(define: Define) -> None:
    text = (
        "from pipelinekit import *\nfrom pipelinekit.recipes import container\n"
        'p = Pipeline("demo", image="x", triggers=[on.pull_request(forks=True), on.tag("v*")])\n'
        'i = p.build(container("acme/x", tag=ci.sha))\n'
        'p.deploy("x", environment=Environment("e", on=[on.tag("v*")]), needs=[i])'
    )
    plan = define(text)
    assert select(guard(plan)).forks == select(plan).forks == {"build"}


def test_tags_that_select_nothing_need_no_guard(define: Define) -> None:
    plan = define(HEAD + 'p.deploy("x", environment=Environment("e", on=[on.push(), on.tag("v*")]), on=[on.push()])')
    assert guard(plan) is plan
