"""Which stages a build runs: every event of every golden case, read back from `when`."""

from __future__ import annotations

import pytest

from pipelinekit import Environment, Pipeline, Secret, on
from pipelinekit.model.plan import Event, Plan
from pipelinekit.model.value import replace
from pipelinekit.semantics.matrix import unroll
from pipelinekit.semantics.selection import select
from tests import golden_cases
from tests.backends.jenkins.rendered import build_of, jenkinsfile, model, run, stage

OURS = {"newest", "tag-on-trunk"}
IMAGE = "python:3.12"


def accepted(plan: Plan) -> Plan:
    return replace(plan, accept={"jenkins": {"overtaking": "it is a test"}})


def timed(events: tuple[Event, ...], event: Event) -> dict[str, str]:
    """The cause of a timer's build where several schedules take parameterized-scheduler."""
    several = event.kind == "schedule" and sum(each.kind == "schedule" for each in events) > 1
    return {"cause": "ParameterizedTimerTriggerCause"} if several else {}


@pytest.mark.parametrize("case", golden_cases.cases())
def test_each_event_starts_what_it_selects(case: str) -> None:
    plan = accepted(golden_cases.plan(case))
    read, selection = model(plan), select(plan)
    origins = {stage.name: stage.origin for stage in unroll(plan).stages}
    for event in selection.events:
        expected = {stage.name for stage in plan.stages if selection.selects(event, stage) and not stage.is_post}
        found = {origins.get(name, name) for name in run(read, build_of(event, plan.trunk, **timed(selection.events, event))) - OURS}
        assert found == expected, event


@pytest.mark.parametrize("case", golden_cases.cases())
def test_forks_and_strangers(case: str) -> None:
    plan = accepted(golden_cases.plan(case))
    read, selection = model(plan), select(plan)
    origins = {stage.name: stage.origin for stage in unroll(plan).stages}
    fork = {"BRANCH_NAME": "PR-8", "CHANGE_ID": "8", "CHANGE_TARGET": plan.trunk, "CHANGE_FORK": "stranger", "cause": "BranchEventCause"}
    assert {origins.get(name, name) for name in run(read, fork)} == {name for name in selection.forks if not plan.stage(name).is_post}
    assert run(read, {**fork, "CHANGE_TARGET": "elsewhere"}) == set()
    pushed = {"BRANCH_NAME": "feature", "cause": "BranchEventCause"}
    if not any(event.branches for event in selection.events):
        assert run(read, pushed) == set()
    if not any(event.kind == "tag" for event in selection.events):
        assert run(read, {**pushed, "BRANCH_NAME": plan.trunk, "TAG_NAME": plan.trunk}) == set()


def test_schedules_and_manual_runs_are_told_apart() -> None:
    p = Pipeline("p", image=IMAGE)
    events = {"a": on.schedule("a", "0 1 * * *"), "b": on.schedule("b", "0 2 * * *"), "c": on.schedule("c", "0 3 * * *")}
    events |= {"m": on.manual("m"), "n": on.manual("n"), "push": on.push()}
    for names in ("a", "ab", "bm", "mn", "abcmn"):
        p.test(names, name=f"test-{names}", on=[events[name] for name in names])
        p.test(names, name=f"push-{names}", on=[events["push"], *(events[name] for name in names)])
    plan = p.plan()
    read, selection = model(plan), select(plan)
    for event in selection.events:
        assert run(read, build_of(event, **timed(selection.events, event))) == {
            stage.name for stage in plan.stages if selection.selects(event, stage)
        }, event


def test_other_branches_leave_out_trunk_tags_and_pull_requests() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push("**")])
    p.test("pytest")
    read = model(p)
    assert run(read, {"BRANCH_NAME": "feature/x", "cause": ""}) == {"test"}
    assert run(read, {"BRANCH_NAME": "main", "cause": ""}) == set()
    assert run(read, {"BRANCH_NAME": "v1", "TAG_NAME": "v1", "cause": ""}) == set()
    assert run(read, {"BRANCH_NAME": "PR-1", "CHANGE_ID": "1", "CHANGE_TARGET": "main", "cause": ""}) == set()


def test_globs_stay_between_slashes_and_mind_case() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.push("release/*")])
    p.test("pytest")
    read = model(p)
    assert run(read, {"BRANCH_NAME": "release/1.x", "cause": ""}) == {"test"}
    assert run(read, {"BRANCH_NAME": "release/1/x", "cause": ""}) == set()
    assert run(read, {"BRANCH_NAME": "Release/1", "cause": ""}) == set()


def test_a_timer_is_of_trunk_alone_and_in_utc() -> None:
    p = Pipeline("p", image=IMAGE, trunk="develop", triggers=[on.schedule("nightly", "0 3 * * *")])
    p.test("pytest")
    assert "cron(env.BRANCH_NAME == 'develop' ? 'TZ=Etc/UTC\\n0 3 * * *' : '')" in jenkinsfile(p)


def test_days_of_month_and_week_are_either_or() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.schedule("odd", "0 3 1 * 1")])
    p.test("pytest")
    assert "'TZ=Etc/UTC\\n0 3 1 * *\\n0 3 * * 1'" in jenkinsfile(p)


def test_several_schedules_name_themselves() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.schedule("hourly", "0 * * * *"), on.schedule("weekly", "0 5 * * 1")])
    p.test("pytest")
    text = jenkinsfile(p)
    assert (
        "parameterizedCron(env.BRANCH_NAME == 'main' ? 'TZ=Etc/UTC\\n0 * * * * %SCHEDULE=hourly\\n0 5 * * 1 %SCHEDULE=weekly' : '')" in text
    )
    assert "choice(name: 'SCHEDULE', choices: ['', 'hourly', 'weekly']" in text


def test_changed_files_are_asked_of_git_in_pull_requests_alone() -> None:
    plan = golden_cases.plan("changed")
    text, read = jenkinsfile(plan), model(plan)
    [pull_request] = [event for event in select(plan).events if event.kind == "pull_request"]
    [push] = [event for event in select(plan).events if event.kind == "push"]
    assert "docs" not in run(read, build_of(pull_request, changed="no"))
    assert "docs" in run(read, build_of(pull_request))
    assert "docs" in run(read, build_of(push, changed="no"))
    assert "git diff --quiet origin/main...HEAD -- " in text
    assert "changeset" not in text


def test_tags_deliver_from_trunk_alone() -> None:
    p = Pipeline("p", image=IMAGE, accept={"jenkins": {"overtaking": "we tag one at a time"}})
    tested = p.test("pytest")
    p.deploy("./deploy", environment=Environment("production", on=[on.tag("v*")]), needs=[tested])
    read = model(p)
    assert run(read, {"BRANCH_NAME": "v1", "TAG_NAME": "v1", "cause": ""}) == {"test", "tag-on-trunk", "newest", "deploy-production"}
    guard = stage(read, "tag-on-trunk")
    assert [step["name"] for step in guard["steps"]] == ["checkoutWithTrunk", "sh"]
    assert guard["steps"][1]["arguments"]["script"] == "git merge-base --is-ancestor HEAD origin/main"


def test_secrets_never_reach_forks() -> None:
    p = Pipeline("p", image=IMAGE, triggers=[on.pull_request(forks=True)])
    lint = p.lint("ruff check")
    p.test("pytest", secrets=[Secret("TOKEN")], needs=[lint])
    fork = {"BRANCH_NAME": "PR-8", "CHANGE_ID": "8", "CHANGE_TARGET": "main", "CHANGE_FORK": "stranger", "cause": ""}
    assert run(model(p), fork) == {"lint"}
