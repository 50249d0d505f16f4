"""Which pipelines the file has, what starts each, and what each waits for."""

from __future__ import annotations

import re
from itertools import product

import pytest
from pipelinekit_drone.triggers import matches, spelled

from pipelinekit import Environment, Pipeline, Runner, Secret, on

from .rendered import STORE, documents, only, said, steps, text

PYTHON = "python:3.12-slim"
TRUNK = {"event": ["push", "pull_request"], "branch": ["main"]}


def test_the_only_pipeline_has_the_plans_name() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest")
    document = only(p)
    assert (document["kind"], document["type"], document["name"]) == ("pipeline", "docker", "service")
    assert document["trigger"] == TRUNK
    assert "concurrency" not in document


def test_header_stands_in_the_first_document() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest")
    assert text(p).startswith("# Rendered from ")
    assert "\n---" not in text(p)


def test_events_with_the_same_jobs_share_a_pipeline() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push(), on.pull_request(), on.schedule("nightly", "0 3 * * *")])
    p.test("pytest")
    assert only(p)["trigger"] == {"event": ["push", "pull_request", "cron"], "branch": ["main"]}


def test_an_event_with_other_jobs_has_a_pipeline_of_its_own() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest")
    p.lint("ruff check .", on=[on.push()])
    found = documents(p)
    assert list(found) == ["service", "pull-request"]
    assert found["service"]["trigger"] == {"event": ["push"], "branch": ["main"]}
    assert found["pull-request"]["trigger"] == {"event": ["pull_request"], "branch": ["main"]}
    assert "lint" in steps(found["service"])
    assert "lint" not in steps(found["pull-request"])


def test_cron_jobs_are_told_by_name() -> None:
    hourly, weekly = on.schedule("hourly", "15 * * * *"), on.schedule("weekly", "0 5 * * 1")
    p = Pipeline("service", image=PYTHON, triggers=[on.push(), weekly])
    p.test("pytest")
    p.step("fetch", name="fetch", on=[hourly])
    found = documents(p)
    assert found["service"]["trigger"]["cron"] == {"exclude": ["hourly"]}
    assert found["hourly"]["trigger"] == {"event": ["cron"], "branch": ["main"], "cron": ["hourly"]}


def test_other_branches_leave_trunk_out() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push("**"), on.push()])
    p.test("pytest")
    triggers = [document["trigger"] for document in documents(p).values()]
    assert {"event": ["push"], "branch": {"include": ["**"], "exclude": ["main"]}} in triggers


def test_globs_that_trunk_does_not_match_stand_alone() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push("release/*")])
    p.test("pytest")
    assert only(p)["trigger"] == {"event": ["push"], "branch": ["release/*"]}


def test_tags_are_told_by_ref() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.tag("v*")])
    p.test("pytest")
    assert only(p)["trigger"] == {"event": ["tag"], "ref": ["refs/tags/v*"]}


def test_manual_runs_are_custom_builds() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.manual("retrain")])
    p.test("pytest")
    assert only(p)["trigger"] == {"event": ["custom"], "branch": ["main"]}
    assert "drone build create --branch main OWNER/NAME" in text(p)


def test_several_manual_runs_are_refused() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest", on=[on.manual("one")])
    p.step("train", name="train", on=[on.manual("two")])
    assert said(p, "manual")[0].startswith("PK1402")


def test_an_environment_is_one_pipeline_for_all_its_events() -> None:
    production = Environment("production", url="https://price.example", on=[on.push(), on.tag("v*")])
    p = Pipeline("service", image=PYTHON)
    test = p.test("pytest")
    p.deploy("./deploy.sh", environment=production, needs=[test])
    found = documents(p)
    block = found["production"]
    assert block["concurrency"] == {"limit": 1}
    assert block["trigger"] == {"event": ["push", "tag"], "ref": ["refs/heads/main", "refs/tags/v*"]}
    assert set(block["depends_on"]) == {"service", "tag-v"}
    assert steps(found["tag-v"])["tag-on-trunk"]["commands"][-1] == "git merge-base --is-ancestor HEAD FETCH_HEAD"
    assert "https://price.example" in text(p)


def test_a_stage_on_some_events_of_its_environment_has_a_condition() -> None:
    production = Environment("production")
    p = Pipeline("service", image=PYTHON)
    p.deploy("./deploy.sh", environment=production)
    p.verify("./smoke.sh", environment=production, on=[on.schedule("nightly", "0 3 * * *")])
    block = only(p)
    assert block["trigger"]["event"] == ["push", "cron"]
    assert steps(block)["deploy-production"]["when"] == {"event": ["push"]}
    assert steps(block)["verify-production"]["when"] == {"event": ["cron"], "cron": ["nightly"]}


def test_a_gate_is_a_promotion_that_demands_marks() -> None:
    production = Environment("production")
    p = Pipeline("service", image=PYTHON, targets=STORE)
    test = p.test("pytest")
    asked = p.gate("Ship it?", needs=[test], timeout="2h")
    p.deploy("./deploy.sh", environment=production, needs=[asked])
    found = documents(p)
    promotion = found["production"]
    assert promotion["trigger"] == {"event": ["promote"], "target": ["production"], "ref": ["refs/heads/main"]}
    assert "depends_on" not in promotion
    check = steps(promotion)["check-passed"]
    assert (
        check["commands"][0]
        == 'rclone copyto ":s3,env_auth,no_check_bucket,provider=AWS:bucket/folder/$DRONE_REPO/$DRONE_COMMIT_SHA/passed/test" /tmp/passed/test'
    )
    assert "7200" in check["commands"][2]
    assert steps(promotion)["deploy-production"]["depends_on"] == ["check-passed"]
    mark = steps(found["service"])["passed"]
    assert mark["depends_on"] == ["test"]
    assert "Ship it?" in text(p)


def test_marks_are_left_in_deliveries_alone() -> None:
    p = Pipeline("service", image=PYTHON, targets=STORE)
    asked = p.gate("Ship it?", needs=[p.test("pytest")])
    p.deploy("./deploy.sh", environment=Environment("production"), needs=[asked])
    main = documents(p)["service"]
    assert main["trigger"]["event"] == ["push", "pull_request"]
    assert steps(main)["passed"]["when"] == {"event": ["push"]}


def test_a_gate_without_a_store_is_refused() -> None:
    p = Pipeline("service", image=PYTHON)
    asked = p.gate("Ship it?", needs=[p.test("pytest")])
    p.deploy("./deploy.sh", environment=Environment("production"), needs=[asked])
    assert said(p, "gate")[0].startswith("PK1402")


def test_a_promotion_of_a_tag_is_told_by_its_ref() -> None:
    p = Pipeline("service", image=PYTHON, targets=STORE)
    asked = p.gate("Ship it?", needs=[p.test("pytest")])
    p.deploy("./deploy.sh", environment=Environment("production", on=[on.tag("v*")]), needs=[asked])
    assert documents(p)["production"]["trigger"]["ref"] == ["refs/tags/v*"]


def test_stages_behind_unordered_gates_are_refused() -> None:
    p = Pipeline("service", image=PYTHON, targets=STORE)
    test = p.test("pytest")
    one, two = p.gate("One?", name="one", needs=[test]), p.gate("Two?", name="two", needs=[test])
    p.deploy("./deploy.sh", environment=Environment("production"), needs=[one, two])
    assert said(p, "gate")[0].startswith("PK1402")


def test_an_environment_on_both_sides_of_a_gate_is_refused() -> None:
    production = Environment("production")
    p = Pipeline("service", image=PYTHON, targets=STORE)
    p.migrate("./migrate.sh", environment=production)
    asked = p.gate("Ship it?", needs=[p.test("pytest")])
    p.deploy("./deploy.sh", environment=production, needs=[asked])
    assert said(p, "environment")[0].startswith("PK1402")


def test_what_follows_an_environment_is_a_pipeline_behind_it() -> None:
    p = Pipeline("service", image=PYTHON)
    staged = p.deploy("./deploy.sh staging", environment=Environment("staging"), needs=[p.test("pytest")])
    load = p.test("./load.sh", name="load", needs=[staged])
    p.deploy("./deploy.sh production", environment=Environment("production"), needs=[load])
    found = documents(p)
    after = next(document for document in found.values() if "load" in steps(document) and document["name"] != "service")
    assert after["depends_on"] == ["staging"]
    assert found["production"]["depends_on"] == [after["name"]]


def test_ends_of_one_pipeline_are_its_last_steps() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest", needs=[p.lint("ruff check .")])
    p.step("notify", name="notify", when="on_failure")
    p.step("clean", name="clean", when="always")
    found = steps(only(p))
    assert found["notify"]["when"] == {"status": ["failure"]}
    assert found["clean"]["when"] == {"status": ["success", "failure"]}
    assert found["clean"]["depends_on"] == ["lint", "test", "notify"]


def test_ends_of_several_pipelines_are_pipelines_behind_all() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push()])
    p.deploy("./deploy.sh", environment=Environment("production"), needs=[p.test("pytest")])
    p.step("notify", name="notify", when="on_failure")
    p.step("clean", name="clean", when="always")
    found = documents(p)
    failed, ended = list(found.values())[-2:]
    assert failed["trigger"]["status"] == ["failure"]
    assert set(failed["depends_on"]) == {"service", "production"}
    assert ended["trigger"]["status"] == ["success", "failure"]
    assert set(ended["depends_on"]) == {"service", "production", failed["name"]}
    assert "when" not in steps(failed)["notify"]


def test_a_run_that_waits_at_a_gate_has_not_ended() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push()], targets=STORE)
    asked = p.gate("Ship it?", needs=[p.test("pytest")])
    p.deploy("./deploy.sh", environment=Environment("production"), needs=[asked])
    p.step("clean", name="clean", when="always")
    ends = {
        tuple(document["trigger"]["event"]): document["trigger"]["status"]
        for document in documents(p).values()
        if "status" in document["trigger"]
    }
    assert ends == {("push",): ["failure"], ("promote",): ["success", "failure"]}


def test_workers_split_pipelines() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push()])
    test = p.test("pytest")
    train = p.step("train", name="train", needs=[test], runner=Runner("gpu", "size:large"))
    p.step("report", name="report", needs=[train])
    p.test("pytest", name="arm", runner=Runner(arch="arm64"))
    found = documents(p)
    gpu = next(document for document in found.values() if "train" in steps(document))
    assert gpu["node"] == {"gpu": "true", "size": "large"}
    assert gpu["depends_on"] == ["service"]
    report = next(document for document in found.values() if "report" in steps(document))
    assert report["depends_on"] == [gpu["name"]]
    arm = next(document for document in found.values() if "arm" in steps(document))
    assert arm["platform"] == {"os": "linux", "arch": "arm64"}
    assert said(p, "runner") == []


def test_files_keep_pipelines_together_without_a_store() -> None:
    p = Pipeline("service", image=PYTHON)
    made = p.step("make", name="make", outputs="data/")
    p.step("train", name="train", needs=[made["data/"]], runner=Runner("gpu"))
    assert only(p)["node"] == {"gpu": "true"}
    assert said(p, "runner")[0].startswith("PK1404")


def test_files_keep_pull_requests_together_that_have_no_store() -> None:
    p = Pipeline("service", image=PYTHON, targets=STORE)
    made = p.step("make", name="make", outputs="data/")
    p.step("train", name="train", needs=[made["data/"]], runner=Runner("gpu"))
    found = documents(p)
    assert found["pull-request"]["node"] == {"gpu": "true"}
    assert [len(document["steps"]) for document in found.values() if document["trigger"]["event"] == ["push"]] == [2, 2]


def test_two_architectures_that_share_files_are_refused_without_a_store() -> None:
    p = Pipeline("service", image=PYTHON)
    made = p.step("make", name="make", outputs="data/", runner=Runner(arch="amd64"))
    p.step("train", name="train", needs=[made["data/"]], runner=Runner(arch="arm64"))
    assert said(p, "runner")[0].startswith("PK1402")


def test_secrets_stay_out_of_pull_requests_that_may_be_forks() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push(), on.pull_request(forks=True)])
    test = p.test("pytest", secrets=[Secret("TOKEN")], name="integration")
    p.lint("ruff check .")
    p.step("report", name="report", needs=[test])
    found = documents(p)
    assert set(steps(found["pull-request"])) == {"clone", "lint"}
    assert said(p, "forks")[0].startswith("PK1404")


def test_a_repository_that_takes_forks_is_unsafe() -> None:
    p = Pipeline("service", image=PYTHON, targets={"drone": {"ignore_forks": False}})
    p.test("pytest")
    assert said(p, "pull_request")[0].startswith("PK1403")


def test_a_lock_is_the_pipelines() -> None:
    p = Pipeline("service", image=PYTHON)
    p.step("a", name="a", lock="box")
    p.step("b", name="b", lock="box")
    document = only(p)
    assert document["concurrency"] == {"limit": 1}
    assert steps(document)["b"]["depends_on"] == ["a"]
    assert said(p, "lock")[0].startswith("PK1404")


def test_a_lock_over_two_pipelines_is_refused() -> None:
    p = Pipeline("service", image=PYTHON)
    p.step("a", name="a", lock="box", on=[on.push()])
    p.step("b", name="b", lock="box", on=[on.pull_request()])
    assert said(p, "lock")[0].startswith("PK1402")


def test_raw_is_merged_last() -> None:
    p = Pipeline("service", image=PYTHON, raw={"drone": {"image_pull_secrets": ["dockerconfig"]}})
    p.test("pytest", raw={"drone": {"pull": "always", "environment": {"REF": "${DRONE_COMMIT_REF}"}}})
    document = only(p)
    assert document["image_pull_secrets"] == ["dockerconfig"]
    assert steps(document)["test"]["pull"] == "always"
    assert "REF: ${DRONE_COMMIT_REF}" in text(p)


def _doublestar(glob: str, text: str) -> bool:
    """As doublestar 1 matches: `**` is a whole part and stands for any number of them, at the end for one at least."""
    head, parts = glob.split("/"), text.split("/")
    if not parts or not head:
        return parts == head
    if head == ["**"]:
        return True
    if head[0] == "**":
        return any(_doublestar("/".join(head[1:]), "/".join(parts[start:])) for start in range(len(parts)))
    if not re.fullmatch(re.sub(r"\\\*+", "[^/]*", re.escape(head[0])), parts[0]):
        return False
    if len(head) == 1 or len(parts) == 1:
        return len(head) == len(parts)
    return _doublestar("/".join(head[1:]), "/".join(parts[1:]))


@pytest.mark.parametrize("glob", ["hotfix-**", "a/**/b", "**/b", "**", "a/**", "**-x", "a**b/*", "*", "a***", "**/**", "**/a/**"])
def test_globs_mean_what_they_mean_elsewhere(glob: str) -> None:
    parts = ["a", "b", "ab", "a-x", "hotfix-1"]
    texts = ["/".join(words) for length in (1, 2, 3) for words in product(parts, repeat=length)]
    for name in texts:
        assert any(_doublestar(each, name) for each in spelled(glob)) == matches(glob, name), name


def test_branches_and_tags_across_slashes() -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push("hotfix-**"), on.tag("**/v1")])
    p.test("pytest")
    found = [document["trigger"] for document in documents(p).values()]
    assert {"event": ["push"], "branch": ["hotfix-*", "hotfix-*/**"]} in found
    assert {"event": ["tag"], "ref": ["refs/tags/*/**/v1"]} in found


def test_what_a_person_does_is_said_once() -> None:
    ship = on.manual("ship")
    p = Pipeline("service", image=PYTHON, triggers=[on.push(), ship])
    p.deploy("./deploy.sh", environment=Environment("production", on=[on.push(), ship]), needs=[p.test("pytest")])
    assert text(p).count("drone build create") == 1
