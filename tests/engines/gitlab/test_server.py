"""GitLab's rules of scheduling, each with a small file of its own."""

import pytest

from .configuration import Invalid
from .jobs import Pipeline
from .server import Server
from .small import PUSH, REQUEST, Small, finish, job, statuses


def start(tmp_path, text, happening=PUSH, more=None, **secrets) -> Server:
    small = Small(tmp_path, text, more, **secrets)
    server = small.server()
    small.begin(happening)
    server.push(small.event(happening))
    return server


def two(tmp_path, text, mode) -> tuple[Server, Pipeline, Pipeline]:
    """Two deliveries of one project, the older first."""
    small = Small(tmp_path, text)
    small.project.modes["production"] = mode
    server = small.server()
    older = server.push(small.event())
    newer = server.push(small.event(sha=small.ground.commits["newer"]))
    assert older is not None
    assert newer is not None
    return server, older, newer


STAGES = "stages: [one, two]\n"


def test_stages_wait_for_stages(tmp_path):
    server = start(tmp_path, STAGES + "a: {stage: one, script: x}\nb: {stage: two, script: x}\n")
    assert statuses(server) == {"a": "pending", "b": "created"}
    finish(server, "a")
    assert statuses(server)["b"] == "pending"


def test_needs_go_before_stages(tmp_path):
    text = (
        STAGES
        + "a: {stage: one, script: x}\nslow: {stage: one, script: x}\nb: {stage: two, needs: [a], script: x}\nc: {stage: two, needs: [], script: x}\n"
    )
    server = start(tmp_path, text)
    assert statuses(server)["c"] == "pending"
    finish(server, "a")
    assert statuses(server)["b"] == "pending"


def test_a_failure_skips_what_needs_it_and_lets_the_rest_go_on(tmp_path):
    server = start(
        tmp_path, "a: {needs: [], script: x}\nb: {needs: [a], script: x}\nc: {needs: [b], script: x}\nd: {needs: [], script: x}\n"
    )
    finish(server, "a", "script_failure")
    assert statuses(server) == {"a": "failed", "b": "skipped", "c": "skipped", "d": "pending"}
    finish(server, "d")
    assert server.pipelines[0].status == "failed"


def test_a_failure_that_is_allowed_holds_nobody(tmp_path):
    server = start(tmp_path, "a: {needs: [], allow_failure: true, script: x}\nb: {needs: [a], script: x}\n")
    finish(server, "a", "script_failure")
    finish(server, "b")
    assert server.pipelines[0].status == "success"


@pytest.mark.parametrize(
    "when, fails, ends", [("on_failure", True, "pending"), ("on_failure", False, "skipped"), ("always", False, "pending")]
)
def test_stages_after_all_others(tmp_path, when, fails, ends):
    server = start(tmp_path, f"a: {{script: x}}\nb: {{needs: [a], script: x}}\nlast: {{stage: .post, when: {when}, script: x}}\n")
    finish(server, "a", "script_failure" if fails else "")
    if not fails:
        assert statuses(server)["last"] == "created"
        finish(server, "b")
    assert statuses(server)["last"] == ends


def test_a_blocking_manual_job_holds_what_needs_it_and_what_comes_last(tmp_path):
    text = "a: {script: x}\nask: {needs: [a], when: manual, allow_failure: false, script: x}\nb: {needs: [ask], script: x}\n"
    server = start(tmp_path, text + "last: {stage: .post, when: always, script: x}\n")
    finish(server, "a")
    assert statuses(server) == {"a": "success", "ask": "manual", "b": "created", "last": "created"}
    assert server.pipelines[0].status == "manual"
    server.play(job(server, "ask"))
    finish(server, "ask")
    assert statuses(server)["b"] == "pending"


def test_an_optional_manual_job_skips_what_needs_it(tmp_path):
    server = start(tmp_path, "ask: {needs: [], when: manual, script: x}\nb: {needs: [ask], script: x}\n")
    assert statuses(server) == {"ask": "manual", "b": "skipped"}


def test_a_manual_rule_blocks_unless_it_says_otherwise(tmp_path):
    server = start(tmp_path, "ask: {script: x, rules: [{when: manual}]}\nfree: {script: x, rules: [{when: manual, allow_failure: true}]}\n")
    assert [job(server, name).allow_failure for name in ("ask", "free")] == [False, True]


def test_retries_are_counted(tmp_path):
    server = start(tmp_path, "a: {retry: 1, script: x}\nb: {needs: [a], script: x}\n")
    finish(server, "a", "script_failure")
    assert statuses(server) == {"a": "pending", "b": "created"}
    finish(server, "a", "script_failure")
    assert statuses(server) == {"a": "failed", "b": "skipped"}


def test_retries_may_be_for_some_reasons_alone(tmp_path):
    server = start(tmp_path, "a: {retry: {max: 2, when: runner_system_failure}, script: x}\n")
    finish(server, "a", "script_failure")
    assert statuses(server) == {"a": "failed"}


def test_a_resource_group_is_held_by_one_job(tmp_path):
    server = start(tmp_path, "a: {resource_group: box, script: x}\nb: {resource_group: box, script: x}\n")
    assert sorted(statuses(server).values()) == ["pending", "waiting_for_resource"]
    first = next(name for name, status in statuses(server).items() if status == "pending")
    finish(server, first)
    assert "pending" in statuses(server).values()


DELIVERY = """
workflow: {auto_cancel: {on_new_commit: none}}
test: {script: x}
deploy: {needs: [test], environment: production, resource_group: production, script: x}
"""


def test_oldest_first_lets_no_newer_delivery_in_before(tmp_path):
    server, older, newer = two(tmp_path, DELIVERY, "oldest_first")
    server.project.prevents_outdated = False
    finish(server, "test", pipeline=1)
    assert [each.jobs[1].status for each in (older, newer)] == ["created", "waiting_for_resource"]
    finish(server, "test", pipeline=0)
    finish(server, "deploy", pipeline=0)
    assert [each.jobs[1].status for each in (older, newer)] == ["success", "pending"]


def test_oldest_first_goes_on_when_the_older_one_fails_before(tmp_path):
    server, _, newer = two(tmp_path, DELIVERY, "oldest_first")
    finish(server, "test", pipeline=1)
    finish(server, "test", "script_failure", pipeline=0)
    assert newer.jobs[1].status == "pending"


def test_the_setting_against_outdated_jobs_lets_an_older_delivery_over_a_newer_one(tmp_path):
    """Deployments are numbered when their jobs become ready, so that of the slow older pipeline comes after the newer one's."""
    server, older, newer = two(tmp_path, DELIVERY, "unordered")
    finish(server, "test", pipeline=1)
    finish(server, "deploy", pipeline=1)
    finish(server, "test", pipeline=0)
    assert [each.jobs[1].status for each in (older, newer)] == ["pending", "success"]


def test_the_setting_against_outdated_jobs_fails_a_newer_delivery_that_waits(tmp_path):
    server, _, newer = two(tmp_path, DELIVERY, "oldest_first")
    finish(server, "test", pipeline=1)
    finish(server, "test", pipeline=0)
    finish(server, "deploy", pipeline=0)
    assert (newer.jobs[1].status, newer.jobs[1].reason) == ("failed", "outdated_deployment")


def test_a_delivery_that_waited_while_a_newer_one_ended_is_outdated(tmp_path):
    """What the setting is made for: both are ready, and the newer one is taken first."""
    server, older, newer = two(tmp_path, DELIVERY, "newest_first")
    server.holders["production"] = newer.jobs[0]
    finish(server, "test", pipeline=0)
    finish(server, "test", pipeline=1)
    del server.holders["production"]
    server.settle()
    finish(server, "deploy", pipeline=1)
    assert older.jobs[1].reason == "outdated_deployment"


BLOCK = """
test: {script: x}
production: {needs: [test], resource_group: production, trigger: {include: [{local: child.yml}], strategy: depend}}
after: {needs: [production], script: x}
"""


def test_a_bridge_holds_its_lock_until_the_child_has_ended(tmp_path):
    child = "migrate: {script: x}\ndeploy: {needs: [migrate], environment: production, script: x}\n"
    server = start(tmp_path, BLOCK, more={"child.yml": child})
    finish(server, "test")
    assert statuses(server) == {"test": "success", "production": "running", "after": "created", "migrate": "pending", "deploy": "created"}
    assert server.holders["production"].name == "production"
    finish(server, "migrate", pipeline=1)
    finish(server, "deploy", pipeline=1)
    assert statuses(server)["after"] == "pending"
    assert "production" not in server.holders


def test_a_child_that_fails_or_has_no_jobs_fails_its_bridge(tmp_path):
    server = start(tmp_path, BLOCK, more={"child.yml": "deploy: {script: x}\n"})
    finish(server, "test")
    finish(server, "deploy", "script_failure", pipeline=1)
    assert statuses(server)["after"] == "skipped"
    server = start(tmp_path, BLOCK, more={"child.yml": "deploy: {script: x, rules: [{if: $NONE}]}\n"})
    finish(server, "test")
    assert job(server, "production").reason == "downstream_pipeline_creation_failed"


def test_a_child_gets_the_variables_of_its_bridge_and_no_others(tmp_path):
    text = """
variables: {TOP: top}
go:
  inherit: {variables: false}
  variables: {PARENT: $CI_PIPELINE_ID}
  rules: [{if: $CI_PIPELINE_SOURCE == "push", variables: {RUN: push}}]
  trigger: {include: [{local: child.yml}], strategy: depend}
"""
    child = "a: {script: x, rules: [{if: $CI_PIPELINE_SOURCE == 'parent_pipeline' && $RUN == 'push' && $TOP == null}]}\n"
    server = start(tmp_path, text, more={"child.yml": child})
    found = server.variables(job(server, "a", 1))
    assert found["PARENT"].value == str(server.pipelines[0].id)
    assert "TOP" not in found


def test_inputs_are_put_in_and_checked(tmp_path):
    child = "spec: {inputs: {where: {options: [a, b]}}}\n---\na: {script: 'echo $[[ inputs.where ]]'}\n"
    text = "go: {trigger: {include: [{local: child.yml, inputs: {where: b}}], strategy: depend}}\n"
    server = start(tmp_path, text, more={"child.yml": child})
    assert job(server, "a", 1).entry["script"] == "echo b"
    server = start(tmp_path, text.replace("where: b", "where: c"), more={"child.yml": child})
    assert job(server, "go").status == "failed"
    server = start(tmp_path, text.replace(", inputs: {where: b}", ""), more={"child.yml": child})
    assert "required value has not been provided" in server.said[0]


def test_rules_the_first_that_matches_counts(tmp_path):
    text = """
a: {script: x, rules: [{if: $CI_PIPELINE_SOURCE == "push", when: never}, {when: always}]}
b: {script: x, rules: [{if: $CI_COMMIT_BRANCH == "main", variables: {FOUND: "yes"}}]}
c: {script: x, rules: [{if: $CI_COMMIT_TAG}]}
"""
    server = start(tmp_path, text)
    assert list(statuses(server)) == ["b"]
    assert server.variables(job(server, "b"))["FOUND"].value == "yes"


def test_changes_are_looked_at_in_merge_requests_alone(tmp_path):
    text = "a: {script: x, rules: [{changes: [docs/**/*]}]}\nb: {script: x, rules: [{changes: [src/**/*]}]}\n"
    assert list(statuses(start(tmp_path, text, REQUEST))) == ["b"]
    assert list(statuses(start(tmp_path, text))) == ["a", "b"]


def test_files_of_the_repository_are_looked_for(tmp_path):
    server = start(tmp_path, "a: {script: x, rules: [{exists: [src/*.py]}]}\nb: {script: x, rules: [{exists: [nowhere]}]}\n")
    assert list(statuses(server)) == ["a"]


def test_a_workflow_may_start_nothing(tmp_path):
    small = Small(tmp_path, "workflow: {rules: [{if: $CI_COMMIT_TAG}]}\na: {script: x}\n")
    assert small.server().push(small.event()) is None


def test_jobs_that_frame_others_start_nothing_alone(tmp_path):
    small = Small(tmp_path, "a: {stage: .post, script: x}\n")
    assert small.server().push(small.event()) is None


@pytest.mark.parametrize(
    "text, words",
    [
        ("a: {script: x, needs: [b]}\n", "undefined need: b"),
        ("a: {script: x}\nb: {script: x, rules: [{if: $NONE}]}\nc: {script: x, needs: [b]}\n", "does not exist in the pipeline"),
        ("a: {script: x, stage: nowhere}\n", "chosen stage nowhere does not exist"),
        ("a: {script: x, needs: [b]}\nb: {script: x, needs: [a]}\n", "circular dependencies"),
        (
            "stages: [one, two]\na: {stage: one, script: x, needs: [b]}\nb: {stage: two, script: x}\n",
            "not defined in current or prior stages",
        ),
        ("a: {script: x, retry: 3}\n", "retry"),
        ("a: {script: x, bogus: 1}\n", "bogus"),
        ("a: {stage: test}\n", "script"),
        ("a: {script: x, rules: [{if: 'CI == 1'}]}\n", "rules:if"),
        ("a: {script: x, resource_group: /a}\n", "resource group"),
    ],
)
def test_what_the_server_refuses(tmp_path, text, words):
    small = Small(tmp_path, text)
    with pytest.raises(Invalid, match=words):
        small.server().push(small.event())


def test_an_optional_need_may_be_absent(tmp_path):
    text = "a: {script: x, rules: [{if: $NONE}]}\nb: {script: x, needs: [{job: a, optional: true}]}\n"
    assert statuses(start(tmp_path, text)) == {"b": "pending"}


MATRIX = "test: {script: x, parallel: {matrix: [{PY: ['3.10', '3.11'], OS: [linux]}]}}\n"


def test_a_matrix_is_a_job_for_each_cell(tmp_path):
    needs = "a: {script: x, needs: [test]}\nb: {script: x, needs: [{job: test, parallel: {matrix: [{PY: '3.10', OS: linux}]}}]}\n"
    server = start(tmp_path, MATRIX + needs)
    assert list(statuses(server)) == ["test: [3.10, linux]", "test: [3.11, linux]", "a", "b"]
    assert [need.name for need in job(server, "a").needs or ()] == ["test: [3.10, linux]", "test: [3.11, linux]"]
    finish(server, "test: [3.10, linux]")
    assert (statuses(server)["a"], statuses(server)["b"]) == ("created", "pending")
    assert server.variables(job(server, "test: [3.11, linux]"))["PY"].value == "3.11"


def test_defaults_are_taken_whole_and_not_by_those_who_say_no(tmp_path):
    text = """
default: {image: alpine, tags: [fast]}
a: {script: x, tags: []}
b: {script: x, inherit: {default: [image]}}
c: {script: x, inherit: {default: false}}
"""
    server = start(tmp_path, text)
    assert [(job(server, name).entry.get("image"), job(server, name).entry.get("tags")) for name in "abc"] == [
        ("alpine", []),
        ("alpine", None),
        (None, None),
    ]


def test_the_projects_variables_are_above_the_files(tmp_path):
    server = start(tmp_path, "variables: {A: top}\na: {script: x, variables: {A: job, B: job}}\n", B="project")
    found = server.variables(job(server, "a"))
    assert (found["A"].value, found["B"].value) == ("job", "project")


def test_a_newer_pipeline_cancels_what_may_be_interrupted(tmp_path):
    text = "workflow: {auto_cancel: {on_new_commit: %s}}\na: {script: x, interruptible: true}\nb: {script: x}\n"
    for setting, after in (("none", ["running", "running"]), ("interruptible", ["canceled", "running"])):
        small = Small(tmp_path, text % setting)
        server = small.server()
        server.push(small.event())
        for each in list(server.ready()):
            server.start(each)
        server.push(small.event(sha=small.ground.commits["newer"]))
        assert [each.status for each in server.pipelines[0].jobs] == after
