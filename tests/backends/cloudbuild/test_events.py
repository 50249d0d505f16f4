"""A file for each event and behind each gate, the triggers that start them, and what is set up around them."""

import pytest

from pipelinekit import Environment, Input, Pipeline, Secret, ci, on
from pipelinekit.backend import registry
from pipelinekit.backend.emit import prepare
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from pipelinekit.recipes import container

from .emitted import REPOSITORY, build, emission, env, files, program, run, steps, triggers, verdicts


def pipeline(*given, **options) -> Pipeline:
    return Pipeline("app", image="python:3.12", triggers=list(given) or [on.push()], **options)


def gated(**options) -> Pipeline:
    p = pipeline(on.push(), on.pull_request())
    built = p.build("make", outputs=["dist/"])
    accepted = p.gate("Ship it?", needs=[p.test("t", needs=[built])], **options)
    p.deploy(f"deploy {ci.run_id} {ci.sha}", environment=Environment("production"), needs=[accepted, built["dist/"]])
    return p


def test_each_event_that_selects_other_jobs_has_a_file():
    p = pipeline(on.push(), on.pull_request(), on.schedule("nightly", "0 3 * * *"))
    p.test("a")
    p.step("b", name="retrain", on=[on.schedule("nightly", "0 3 * * *")])
    assert list(files(p)) == ["cloudbuild.yaml", "cloudbuild.pull-request.yaml", "cloudbuild.schedule-nightly.yaml"]
    assert list(steps(p, "cloudbuild.schedule-nightly.yaml")) == ["test", "retrain"]


def test_events_with_the_same_meaning_share_a_file():
    p = pipeline(on.push(), on.schedule("nightly", "0 3 * * *"))
    p.test("a")
    found = files(p)
    assert list(found) == ["cloudbuild.yaml"]
    assert "# Runs on pushes to main.\n# Runs on the schedule nightly (0 3 * * * UTC).\n" in found["cloudbuild.yaml"]
    assert triggers(p)["app-schedule-nightly"]["gitFileSource"]["path"] == "cloudbuild.yaml"


def test_events_that_a_job_tells_apart_dont():
    p = pipeline(on.push(), on.schedule("nightly", "0 3 * * *"))
    p.test(f"echo {ci.event}")
    assert len(files(p)) == 2


def test_triggers_say_what_starts_each_file():
    events = [on.push(), on.push("release/*", "hotfix"), on.pull_request(), on.tag("v*"), on.manual("again", inputs=[Input("seed", "1")])]
    p = pipeline(*events)
    p.test(f"echo {ci.event}")
    found = triggers(p)
    assert found["app-push"]["github"] == {"owner": "acme", "name": "app", "push": {"branch": "^main$"}}
    assert found["app-push-release-hotfix"]["github"]["push"] == {"branch": "^(release/[^/]*|hotfix)$"}
    comments = "COMMENTS_ENABLED_FOR_EXTERNAL_CONTRIBUTORS_ONLY"
    assert found["app-pull-request"]["github"]["pullRequest"] == {"branch": "^main$", "commentControl": comments}
    assert found["app-tag-v"]["github"]["push"] == {"tag": "^v[^/]*$"}
    assert found["app-manual-again"]["substitutions"] == {"_SEED": "1"}
    assert found["app-manual-again"]["sourceToBuild"] == {
        "uri": "https://github.com/acme/app",
        "ref": "refs/heads/main",
        "repoType": "GITHUB",
    }


def test_all_other_branches_are_those_that_trunk_is_not():
    p = pipeline(on.push("**"))
    p.test("a")
    assert triggers(p)["app-push-branches"]["github"]["push"] == {"branch": "^main$", "invertRegex": True}
    p = pipeline(on.push("m*"))
    p.test("a")
    assert verdicts(p, "branches") == ["PK1402"]


def test_no_two_triggers_have_one_name():
    """`triggers import` patches by name: of two the second would replace the first."""
    p = pipeline(on.push(), on.push("**"), on.tag("v*"), on.tag("v.*"))
    p.test(f"echo {ci.branch}{ci.tag}")
    assert set(triggers(p)) == {"app-push", "app-push-branches", "app-tag-v", "app-tag-v-2"}


def test_a_connection_stands_in_place_of_the_app():
    p = pipeline(on.push(), on.manual("again"))
    p.test("a")
    linked = "projects/a/locations/b/connections/c/repositories/app"
    found = triggers(p, connection="projects/a/locations/b/connections/c")
    assert found["app-push"]["repositoryEventConfig"] == {"repository": linked, "push": {"branch": "^main$"}}
    assert found["app-manual-again"]["gitFileSource"] == {"path": "cloudbuild.yaml", "repository": linked}


def test_without_a_repository_the_triggers_are_missed():
    p = pipeline()
    p.test("a")
    assert [(found.code, found.level) for found in emission(p).diagnostics] == [("PK1410", "warning")]
    assert emission(p, **REPOSITORY).diagnostics == ()


@pytest.mark.parametrize(("account", "place"), [("ci@acme.iam.gserviceaccount.com", "acme"), ("projects/acme/serviceAccounts/ci", "acme")])
def test_the_service_account_is_the_triggers_or_without_them_the_builds(account, place):
    p = pipeline()
    p.test("a")
    assert triggers(p, service_account=account)["app-push"]["serviceAccount"].startswith(f"projects/{place}/serviceAccounts/ci")
    assert "serviceAccount" not in build(p, service_account=account, **REPOSITORY)
    assert build(p, service_account=account)["serviceAccount"].startswith(f"projects/{place}/")


def test_builds_of_forks_end_before_anything_of_theirs_runs(tmp_path):
    p = pipeline(on.pull_request())
    p.test("a", secrets=[Secret("TOKEN")])
    found = steps(p, "cloudbuild.pull-request.yaml")
    door = found["same-repository"]
    assert found["test"]["waitFor"] == ["same-repository"]

    def outcome(url: str) -> int:
        return run(door, tmp_path, {"_HEAD_REPO_URL": url, "REPO_FULL_NAME": "acme/app"}).returncode

    assert (outcome("https://github.com/acme/app"), outcome("https://github.com/acme/app.git")) == (0, 0)
    assert (outcome("https://github.com/evil/app"), outcome("https://github.com/evil/acme/app2")) == (1, 1)


def test_with_forks_no_pull_request_sees_a_secret():
    p = pipeline(on.pull_request(forks=True))
    p.test("a")
    p.step("b", name="publish", secrets=[Secret("TOKEN")])
    assert list(steps(p, "cloudbuild.pull-request.yaml")) == ["test"]
    assert verdicts(p, "forks") == ["PK1404"]


def test_a_gate_runs_the_trigger_of_the_next_build(tmp_path):
    p = gated()
    found = steps(p, bucket="acme")
    assert found["gate"]["waitFor"] == ["test", "build-upload"]
    program(tmp_path, "gcloud", f'printf "%s\\n" "$@" >{tmp_path}/log')
    values = {"COMMIT_SHA": "sha", "LOCATION": "global", "BUILD_ID": "b1"}
    assert run(found["gate"], tmp_path, values).returncode == 0
    words = (tmp_path / "log").read_text().split()
    assert words == ["builds", "triggers", "run", "app-production", "--region=global", "--sha=sha", "--substitutions=_PK_RUN=b1"]


def test_the_trigger_behind_a_gate_needs_approval_and_reads_the_commits_own_file():
    found = triggers(gated(), bucket="acme")["app-production"]
    assert found["approvalConfig"] == {"approvalRequired": True}
    assert found["description"] == "Ship it?"
    assert "revision" not in found["gitFileSource"]


def test_what_is_behind_a_gate_runs_only_if_the_first_build_passed(tmp_path):
    p = gated()
    door = steps(p, "cloudbuild.production.yaml", bucket="acme")["approved"]
    values = {"COMMIT_SHA": "sha", "LOCATION": "global", "_PK_RUN": "b1"}
    program(tmp_path, "gcloud", f"cat {tmp_path}/steps")

    def outcome(*lines: str) -> int:
        (tmp_path / "steps").write_text("\n".join(lines) + "\n")
        return run(door, tmp_path, values).returncode

    assert outcome("sha,build,SUCCESS", "sha,test,SUCCESS", "sha,gate,WORKING") == 0
    assert outcome("sha,build,SUCCESS", "sha,test,FAILURE") == 1
    assert outcome("other,build,SUCCESS", "other,test,SUCCESS") == 1
    assert outcome("") == 1


def test_files_cross_a_gate_through_the_bucket(tmp_path):
    p = gated()
    first, second = steps(p, bucket="acme"), steps(p, "cloudbuild.production.yaml", bucket="acme")
    program(tmp_path, "gcloud", f'case "$3" in gs:*) cp {tmp_path}/object "$4" ;; *) cp "$3" {tmp_path}/object ;; esac')
    (tmp_path / "workspace" / "dist").mkdir(parents=True)
    tool = tmp_path / "workspace" / "dist" / "tool"
    tool.write_text("x")
    tool.chmod(0o755)
    program(tmp_path, "make", "exit 0")
    for step in (first["build"], first["build-upload"]):
        assert run(step, tmp_path, {"BUILD_ID": "b1"}).returncode == 0
    (tmp_path / "artifacts").rename(tmp_path / "gone")
    assert run(second["artifacts"], tmp_path, {"_PK_RUN": "b1"}).returncode == 0
    assert (tmp_path / "artifacts" / "build" / "dist" / "tool").stat().st_mode & 0o100
    assert verdicts(p, "artifacts") == ["PK1405", "PK1402"]


def test_the_run_behind_a_gate_is_still_the_same_run():
    found = steps(gated(), "cloudbuild.production.yaml", bucket="acme")["deploy-production"]
    assert env(found, _PK_RUN="b1", COMMIT_SHA="sha") == {"PK_SHA": "sha", "PK_RUN_ID": "b1"}
    assert build(gated(), "cloudbuild.production.yaml", bucket="acme")["substitutions"] == {"_PK_RUN": ""}


def test_an_approval_can_come_too_late(tmp_path):
    p = gated(timeout="1h")
    door = steps(p, "cloudbuild.production.yaml", bucket="acme")["approved"]
    program(tmp_path, "gcloud", "echo sha,build,SUCCESS; echo sha,test,SUCCESS")
    program(tmp_path, "date", "echo 5000")
    values = {"COMMIT_SHA": "sha", "LOCATION": "global", "_PK_RUN": "b1"}
    assert run(door, tmp_path, {**values, "_PK_ASKED": "1400"}).returncode == 0
    late = run(door, tmp_path, {**values, "_PK_ASKED": "1399"})
    assert (late.returncode, late.stderr) == (1, "the approval came too late\n")
    assert '_PK_ASKED=$(date +%s)"' in steps(p, bucket="acme")["gate"]["script"]


def test_what_the_event_alone_knows_is_handed_through_gates(tmp_path):
    p = pipeline(on.tag("v*"))
    store = Environment("store", on=[on.tag("v*")])
    first = p.gate("Sure?", name="sure", needs=[p.test("t")])
    second = p.gate("Really?", name="really", needs=[p.deploy("d", environment=store, needs=[first])])
    p.step(f"announce {ci.tag} {ci.run_id}", name="announce", on=[on.tag("v*")], needs=[second])
    program(tmp_path, "gcloud", f'echo "$*" >>{tmp_path}/log')
    values = {"COMMIT_SHA": "sha", "LOCATION": "global", "BUILD_ID": "b1", "TAG_NAME": "v1,2"}
    assert run(steps(p, "cloudbuild.tag-v.yaml")["sure"], tmp_path, values).returncode == 0
    middle = steps(p, "cloudbuild.tag-v.store.yaml")
    values = {"COMMIT_SHA": "sha", "LOCATION": "global", "BUILD_ID": "b2", "_PK_RUN": "b1", "_PK_TAG": "v1,2"}
    assert run(middle["really"], tmp_path, values).returncode == 0
    given = [line.rpartition("--substitutions=")[2] for line in (tmp_path / "log").read_text().splitlines()]
    assert given == ["^::^_PK_RUN=b1::_PK_TAG=v1,2", "^::^_PK_RUN=b1::_PK_BEFORE=b2::_PK_TAG=v1,2"]
    last = steps(p, "cloudbuild.tag-v.really.yaml")
    assert env(last["approved"], _PK_BEFORE="b2", COMMIT_SHA="sha", LOCATION="global")["BEFORE"] == "b2"
    assert env(last["announce"], _PK_TAG="v1,2", _PK_RUN="b1") == {"PK_TAG": "v1,2", "PK_RUN_ID": "b1"}


def test_a_tag_delivers_only_from_trunk():
    p = pipeline(on.tag("v*"))
    p.deploy("d", environment=Environment("store", on=[on.tag("v*")]))
    found = steps(p, "cloudbuild.tag-v.yaml")
    assert found["tag-on-trunk"]["waitFor"] == ["checkout"]
    assert found["lock-store"]["waitFor"] == ["tag-on-trunk"]


def test_a_tag_beside_trunk_publishes_nothing():
    p = pipeline(on.tag("v*"), on.push())
    p.deploy("d", environment=Environment("store", on=[on.tag("v*")]), needs=[p.build(container("example.com/app", tag=ci.sha))])
    assert steps(p, "cloudbuild.tag-v.yaml")["build"]["waitFor"] == ["tag-on-trunk"]
    assert steps(p)["build"]["waitFor"] == ["-"]
    assert verdicts(p, "tag") == ["PK1405"]


def test_an_image_is_published_on_each_event_that_an_environment_takes():
    p = pipeline(on.push(), on.schedule("nightly", "0 3 * * *"))
    nightly = on.schedule("nightly", "0 3 * * *")
    image = p.build(container("example.com/app", tag=ci.sha))
    p.deploy("d", environment=Environment("store", on=[on.push(), nightly]), on=[on.push()], needs=[image])
    assert "build-push" in steps(p, "cloudbuild.schedule-nightly.yaml")


def test_what_people_write_stays_in_its_line():
    p = pipeline(on.manual("again", inputs=[Input("seed", "$1", help="first\nid: second\u2028steps: []")]))
    p.test("echo $SEED")
    assert "(seed: first id: second steps: [])" in files(p)["cloudbuild.manual-again.yaml"]
    assert build(p, "cloudbuild.manual-again.yaml")["substitutions"] == triggers(p)["app-manual-again"]["substitutions"] == {"_SEED": "$$1"}


def test_inputs_are_handed_through_gates_whole(tmp_path):
    ship = on.manual("ship", inputs=[Input("what")])
    p = pipeline(ship)
    p.deploy("echo $WHAT", environment=Environment("store", on=[ship]), needs=[p.gate("Go?", needs=[p.test("t")])])
    program(tmp_path, "gcloud", f'echo "$*" >>{tmp_path}/log')
    values = {"COMMIT_SHA": "sha", "LOCATION": "global", "BUILD_ID": "b1", "_WHAT": "std::max"}
    assert run(steps(p, "cloudbuild.manual-ship.yaml")["gate"], tmp_path, values).returncode == 0
    assert (tmp_path / "log").read_text().rpartition("--substitutions=")[2] == "^|::|^_PK_RUN=b1|::|_WHAT=std::max\n"


def test_behind_two_gates_nothing_runs_that_the_first_has_not_let_through(tmp_path):
    p = pipeline()
    built, lint = p.build("make"), p.lint("l")
    first = p.gate("One?", name="one", needs=[built])
    second = p.gate("Two?", name="two", needs=[first])
    p.deploy("d", environment=Environment("store"), needs=[second, lint])
    one = steps(p, "cloudbuild.one.yaml")["approved"]["script"]
    two = steps(p, "cloudbuild.store.yaml")["approved"]["script"]
    assert "for step in build lint; do" in one
    assert 'grep -Fqx "$COMMIT_SHA,approved,SUCCESS" /tmp/steps ||' in two


def test_long_names_of_triggers_end_in_a_digest():
    p = Pipeline("a" * 40, image="python:3.12", triggers=[on.manual("b" * 40)])
    p.test("t")
    (name,) = triggers(p)
    assert len(name) == 64


def test_the_same_plan_gives_the_same_bytes():
    assert files(gated(), bucket="acme") == files(gated(), bucket="acme")


def commands(p: Pipeline, **settings) -> str:
    plan: Plan = replace(p.plan(), targets={"cloudbuild": settings})
    backend = registry.load("cloudbuild")
    request, _ = prepare(plan, backend)
    return "\n".join(command for step in backend.setup(request) for command in step.commands)


def test_what_is_set_up_around_the_files():
    p = gated()
    p.step(
        "r", name="retrain", on=[on.schedule("nightly", "0 3 * * *")], secrets=[Secret("T", stored="TOKEN")], keep="m/", keep_for="30 days"
    )
    text = commands(p, bucket="acme", service_account="ci@acme.iam.gserviceaccount.com", **REPOSITORY)
    assert "gcloud builds triggers import --source=cloudbuild.triggers.yaml --region=europe-west1" in text
    assert "gcloud secrets create TOKEN" in text
    assert "gcloud scheduler jobs create http app-schedule-nightly --schedule='0 3 * * *'" in text
    assert "triggers/app-schedule-nightly:run" in text
    assert '"matchesPrefix": ["app/keep-30d/"]' in text
    assert "roles/cloudbuild.builds.approver" in text
    assert "triggers import" not in commands(p)


def test_no_file_takes_the_place_of_another():
    p = pipeline(on.push(), on.manual("x"), on.manual("x-triggers"))
    place = Environment("triggers", on=[on.push(), on.manual("x")])
    p.deploy(f"d {ci.event}", environment=place, needs=[p.gate("Go?", needs=[p.test("t")])])
    p.step("s", name="other", on=[on.manual("x-triggers")])
    found = triggers(p)
    assert len(found) == 5
    assert {trigger.get("filename") or trigger["gitFileSource"]["path"] for trigger in found.values()} == set(files(p))


def test_a_connection_says_where_builds_live():
    p = pipeline()
    p.test("t")
    text = commands(p, repository="app", connection="projects/a/locations/europe-west4/connections/c")
    assert "--region=europe-west4" in text
