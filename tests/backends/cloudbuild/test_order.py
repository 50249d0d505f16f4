"""Steps, their order, and the locks and shared names that add to it."""

from pathlib import Path

from pipelinekit import Environment, Matrix, Pipeline, Service, on

from .emitted import ancestors, build, emission, program, run, steps, verdicts


def pipeline(**options) -> Pipeline:
    return Pipeline("app", image="python:3.12", triggers=[on.push()], **options)


def test_roots_start_at_once_and_others_wait_for_their_needs():
    p = pipeline()
    lint, test = p.lint("a"), p.test("b")
    p.build("c", needs=[lint, test])
    found = steps(p)
    assert [found[name]["waitFor"] for name in found] == [["-"], ["-"], ["lint", "test"]]


def test_a_step_doesnt_wait_for_what_another_of_its_needs_waits_for():
    p = pipeline()
    lint = p.lint("a")
    test = p.test("b", needs=[lint])
    p.build("c", needs=[lint, test])
    assert steps(p)["build"]["waitFor"] == ["test"]


def test_each_cell_is_a_step_and_needing_the_stage_means_all():
    p = pipeline()
    python = Matrix("python", "3.11", "3.12")
    p.build("c", needs=[p.test(f"test {python}", image=f"python:{python}", matrix=python)])
    found = steps(p)
    assert found["test-3.11"]["name"] == "python:3.11"
    assert found["test-3.12"]["env"] == ["PYTHON=3.12"]
    assert found["build"]["waitFor"] == ["test-3.11", "test-3.12"]


def test_jobs_with_the_same_alias_go_in_turn_and_get_a_new_container():
    p = pipeline()
    db = Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "a $b"}, command="postgres -c 'x y'")
    p.test("a", services=[db])
    p.test("b", name="migrations", services=[db])
    found = steps(p)
    assert "docker rm" not in found["test-services"]["script"]
    assert "-e POSTGRES_PASSWORD='a $b'" in found["test-services"]["script"]
    assert "postgres:16 postgres -c 'x y'" in found["test-services"]["script"]
    assert found["migrations-services"]["waitFor"] == ["test"]
    assert "docker rm -f -v db\n" in found["migrations-services"]["script"]
    assert verdicts(p, "services") == ["PK1404"]


def test_a_service_of_one_job_loses_nothing():
    p = pipeline()
    p.test("a", services=[Service("db", image="postgres:16", port=5432)])
    assert verdicts(p, "services") == ["PK1405"]
    assert "nc -z db 5432" in steps(p)["test"]["script"]


def test_jobs_of_one_lock_go_in_turn_behind_the_step_that_waits_for_it():
    p = pipeline()
    lint = p.lint("a")
    p.step("b", name="train", lock="gpu", needs=[lint])
    p.step("c", name="tune", lock="gpu")
    found = steps(p)
    assert found["lock-gpu"]["waitFor"] == ["lint"]
    assert found["train"]["waitFor"] == ["lock-gpu"]
    assert found["tune"]["waitFor"] == ["train"]
    assert build(p)["tags"] == ["app", "lock-gpu"]


def test_a_block_stands_behind_its_environments_lock():
    p = pipeline()
    staging = Environment("staging", url="https://staging.example", config="config/staging.toml")
    test = p.test("a")
    p.verify("v", environment=staging, needs=[p.deploy("d", environment=staging, needs=[test])])
    found = steps(p)
    assert found["lock-staging"]["waitFor"] == ["test"]
    assert "lock-staging" in ancestors(found, "deploy-staging") & ancestors(found, "verify-staging")
    assert "# staging, https://staging.example, config/staging.toml" in found["lock-staging"]["script"]
    assert build(p)["tags"] == ["app", "env-staging"]


def test_a_lock_and_an_environment_of_one_name_are_two_steps():
    p = pipeline()
    p.deploy("d", environment=Environment("gpu"), needs=[p.step("t", lock="gpu")])
    assert {name for name in steps(p) if name.startswith("lock")} == {"lock-gpu", "lock-gpu-step"}


def test_a_stage_may_have_the_name_of_a_helping_step():
    p = pipeline()
    p.lint("a", name="lock-gpu")
    p.test("b", lock="gpu")
    assert list(steps(p)) == ["lock-gpu", "lock-gpu-step", "test"]


def test_a_job_beside_a_block_may_end_it_and_that_is_said():
    p = pipeline()
    p.test("a")
    p.deploy("d", environment=Environment("staging"))
    assert verdicts(p, "environment") == ["PK1404"]


def test_a_job_beside_a_block_that_may_fail_ends_nothing():
    p = pipeline()
    p.test("a", allow_failure=True)
    p.deploy("d", environment=Environment("staging"))
    assert verdicts(p, "environment") == ["PK1405"]


def test_a_job_that_may_fail_may_have_no_services():
    p = pipeline()
    p.test("a", allow_failure=True, services=[Service("db", image="postgres:16", port=5432)])
    p.lint("b")
    found = steps(p)
    assert [found[name].get("allowFailure") for name in found] == [True, True, None]
    assert found["test-services"]["script"].endswith("docker run -d --name db --network cloudbuild postgres:16\n")


def locked(tmp_path: Path):
    p = pipeline()
    p.deploy("d", environment=Environment("staging"))
    (tmp_path / "workspace" / ".git").mkdir(parents=True)
    return steps(p)["lock-staging"], {"BUILD_ID": "me", "LOCATION": "global", "COMMIT_SHA": "mine"}


def test_the_lock_waits_for_the_build_that_started_first(tmp_path):
    step, values = locked(tmp_path)
    program(tmp_path, "sleep", f"echo me >{tmp_path}/first; echo waited >>{tmp_path}/log")
    program(tmp_path, "git", "exit 0")
    program(tmp_path, "gcloud", f'case "$*" in *WORKING*) cat {tmp_path}/first ;; esac')
    (tmp_path / "first").write_text("other\n")
    assert run(step, tmp_path, values).returncode == 0
    assert (tmp_path / "log").read_text() == "waited\n"


def test_an_older_commit_stops_where_a_newer_one_has_been(tmp_path):
    step, values = locked(tmp_path)
    program(
        tmp_path, "gcloud", 'case "$*" in *WORKING*) echo me ;; *) echo lock-staging,SUCCESS,newer; echo lock-staging,SUCCESS,mine ;; esac'
    )
    program(tmp_path, "git", 'case "$*" in "merge-base --is-ancestor mine newer") exit 0 ;; merge-base*) exit 1 ;; esac')
    ended = run(step, tmp_path, values)
    assert ended.returncode == 1
    assert "the newer newer is already in staging" in ended.stderr


def test_a_newer_commit_follows_an_older_one(tmp_path):
    step, values = locked(tmp_path)
    program(
        tmp_path, "gcloud", 'case "$*" in *WORKING*) echo me ;; *) echo lock-staging,SUCCESS,older; echo lock-staging,FAILURE,x ;; esac'
    )
    program(tmp_path, "git", 'case "$*" in merge-base*) exit 1 ;; esac')
    assert run(step, tmp_path, values).returncode == 0


def test_the_build_has_time_for_all_attempts():
    p = pipeline(timeout="10m")
    p.test("a", retries=2)
    p.lint("b")
    assert build(p)["timeout"] == f"{600 * 4 + 600 * 2}s"


def test_a_build_with_an_unbound_stage_has_the_day_that_there_is():
    p = pipeline()
    p.test("a", timeout="2h")
    p.lint("b")
    assert build(p)["timeout"] == "86400s"
    assert build(p, build_timeout=3600)["timeout"] == "7200s"


def test_more_than_a_day_is_refused():
    p = pipeline()
    p.test("a", timeout="25h")
    assert "PK1408" in [found.code for found in emission(p).diagnostics if found.level == "error"]
