"""What starts a run, and which jobs are in it."""

import pytest

from pipelinekit import Environment, Input, Pipeline, Secret, changed, on

from .rendered import codes, config, files

PUSH = '$CI_PIPELINE_SOURCE == "push" && $CI_COMMIT_BRANCH == "main"'
MERGE_REQUEST = '$CI_PIPELINE_SOURCE == "merge_request_event"'
SAME = "$CI_MERGE_REQUEST_SOURCE_PROJECT_PATH == $CI_MERGE_REQUEST_PROJECT_PATH"


def pipeline(*triggers, **options):
    return Pipeline("x", image="python:3.12", triggers=list(triggers) or None, **options)


def conditions(entry):
    return [rule["if"] for rule in entry["rules"]]


def test_workflow_names_the_selected_events_alone():
    p = pipeline(on.push(), on.pull_request())
    p.test("pytest")
    into_trunk = f'{MERGE_REQUEST} && $CI_MERGE_REQUEST_TARGET_BRANCH_NAME == "main" && {SAME}'
    found = config(p)
    assert conditions(found["workflow"]) == [PUSH, into_trunk]
    assert "rules" not in found["test"]


def test_trunk_is_the_definitions():
    p = pipeline(on.push(), trunk="develop")
    p.test("pytest")
    assert conditions(config(p)["workflow"]) == [PUSH.replace("main", "develop")]


@pytest.mark.parametrize(
    ("globs", "condition"),
    [
        (["release/*"], r"$CI_COMMIT_BRANCH =~ /^release\/[^\/]*$/"),
        (["v1.x", "hotfix/**"], r"$CI_COMMIT_BRANCH =~ /^(v1\.x|hotfix\/.*)$/"),
        (["m*"], r'$CI_COMMIT_BRANCH =~ /^m[^\/]*$/ && $CI_COMMIT_BRANCH != "main"'),
        (["**"], '$CI_COMMIT_BRANCH && $CI_COMMIT_BRANCH != "main"'),
    ],
)
def test_other_branches(globs, condition):
    p = pipeline(on.push(*globs))
    p.test("pytest")
    assert conditions(config(p)["workflow"]) == [f'$CI_PIPELINE_SOURCE == "push" && {condition}']


def test_a_schedule_is_known_by_its_description_and_its_time_is_told():
    p = pipeline(on.push(), on.schedule("nightly", "0 3 * * *"))
    p.test("pytest")
    nightly = '$CI_PIPELINE_SOURCE == "schedule" && $CI_PIPELINE_SCHEDULE_DESCRIPTION == "nightly" && $CI_COMMIT_BRANCH == "main"'
    assert conditions(config(p)["workflow"]) == [PUSH, nightly]
    assert "# 0 3 * * * UTC" in files(p)[".gitlab-ci.yml"]


def test_jobs_tell_one_schedule_from_another():
    nightly, weekly = on.schedule("nightly", "0 3 * * *"), on.schedule("weekly", "0 4 * * 1")
    p = pipeline(on.push(), nightly, weekly)
    p.test("pytest")
    p.step("train", name="train", on=[weekly])
    p.step("report", name="report", on=[nightly, weekly])
    found = config(p)
    assert "rules" not in found["test"]
    assert conditions(found["train"]) == ['$CI_PIPELINE_SCHEDULE_DESCRIPTION == "weekly"']
    assert conditions(found["report"]) == ['$CI_PIPELINE_SOURCE == "schedule"']


def test_manual_inputs_become_variables_that_are_not_expanded():
    problem = Input("problem", "houses", choices=("houses", "iris"), help="which data")
    p = pipeline(on.manual("train", [problem]))
    p.step(f"train {problem}", name="train")
    text = files(p)[".gitlab-ci.yml"]
    assert "spec:\n  inputs:\n    problem:\n      description: which data\n      default: houses\n" in text
    assert config(p)["variables"]["PROBLEM"] == {"value": "$[[ inputs.problem ]]", "expand": False}


def test_several_manual_runs_are_told_apart_by_an_input():
    a, b = on.manual("a"), on.manual("b")
    p = pipeline(a, b)
    p.step("x", name="one", on=[a])
    p.step("y", name="other", on=[b])
    found = config(p)
    assert found["variables"]["PK_MANUAL"] == "$[[ inputs.run ]]"
    assert conditions(found["one"])[0].endswith('$PK_MANUAL == "a"')


def test_two_meanings_of_an_input_are_refused():
    a, b = on.manual("a", [Input("n", "1")]), on.manual("b", [Input("n", "2")])
    p = pipeline(a, b)
    p.step("x")
    assert ("PK1402", "inputs") in codes(p)


def test_commands_that_look_like_inputs_are_a_limit_where_there_are_inputs():
    p = pipeline(on.manual("a", [Input("n", "1")]))
    p.step("echo '$[[ inputs.n ]]'")
    assert [code for code, _ in codes(p)] == ["PK1408"]


def test_forks_get_no_stage_that_names_a_secret():
    p = pipeline(on.push(), on.pull_request(forks=True))
    test = p.test("pytest")
    p.test("e2e", name="e2e", secrets=[Secret("TOKEN")], needs=[test])
    found = config(p)
    assert SAME not in conditions(found["workflow"])[1]
    assert "rules" not in found["test"]
    assert conditions(found["e2e"]) == [PUSH, f"{MERGE_REQUEST} && {SAME}"]


def test_only_if_is_asked_in_merge_requests_alone():
    p = pipeline(on.push(), on.pull_request())
    p.lint("ruff", only_if=changed("src/**", "docs/", "**/*.md", "a/**/b"))
    rules = config(p)["lint"]["rules"]
    assert "changes" not in rules[0]
    assert rules[1]["changes"] == ["src/**/*", "docs/**/*", "**/*.md", "a/**/b"]


def test_what_comes_after_a_stage_that_may_be_left_out_keeps_its_order():
    p = pipeline(on.push(), on.pull_request())
    first = p.lint("a", name="first")
    maybe = p.lint("b", name="maybe", only_if=changed("src/**"), needs=[first])
    p.test("c", needs=[maybe])
    assert config(p)["test"]["needs"] == [{"job": "maybe", "optional": True}, "first"]


def test_a_delivered_tag_is_looked_for_on_trunk():
    tag = on.tag("v*")
    production = Environment("production", on=[on.push(), tag])
    p = pipeline(on.push(), tag)
    p.deploy("ship", environment=production, needs=[p.test("pytest")])
    found = config(p)
    assert conditions(found["tag-on-trunk"]) == ["$CI_COMMIT_TAG"]
    assert found["tag-on-trunk"]["image"] == {"name": "alpine/git:2.49.1", "entrypoint": [""]}
    assert found["tag-on-trunk"]["variables"]["GIT_DEPTH"] == "0"
    assert found["deploy-production"]["needs"] == ["test", {"job": "tag-on-trunk", "optional": True}]


def test_superseded_runs_of_merge_requests_alone_are_cancelled():
    p = pipeline(on.push(), on.pull_request(), cancel_superseded=True)
    test = p.test("pytest")
    p.lint("ruff")
    p.deploy("ship", environment=Environment("production"), needs=[test])
    found = config(p)
    assert found["workflow"]["auto_cancel"] == {"on_new_commit": "none"}
    assert [rule.get("auto_cancel") for rule in found["workflow"]["rules"]] == [None, {"on_new_commit": "interruptible"}]
    assert found["default"]["interruptible"] is True
    assert found["deploy-production"]["interruptible"] is False


def test_only_jobs_after_all_others_is_no_pipeline():
    p = pipeline(on.push())
    p.test("pytest")
    p.step("sweep", name="sweep", when="always", on=[on.schedule("nightly", "0 3 * * *")])
    assert ("PK1402", "always") in codes(p)


def test_what_always_runs_needs_a_stage_that_no_merge_request_leaves_out():
    p = pipeline(on.pull_request())
    p.lint("ruff", only_if=changed("src/**"))
    p.step("sweep", name="sweep", when="always")
    assert ("PK1402", "always") in codes(p)
