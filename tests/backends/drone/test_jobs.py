"""Steps: order, environment, trees and files, services; each script is run as the runner would."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelinekit import Checkout, Environment, Input, Matrix, Pipeline, Secret, Service, changed, ci, on
from pipelinekit.recipes import container

from .rendered import SHA, STORE, Machine, documents, emission, only, said, script, steps, text

WITHOUT_NETRC = {"DRONE_NETRC_FILE": "", "DRONE_NETRC_PASSWORD": ""}
PYTHON = "python:3.12-slim"
ON_PUSH = [on.push()]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_every_step_says_what_it_waits_for() -> None:
    p = Pipeline("service", image=PYTHON)
    lint = p.lint("ruff check .")
    test = p.test("pytest", matrix=Matrix("python", "3.11", "3.12"), needs=[lint])
    p.step("report", name="report", needs=[test])
    found = steps(only(p))
    assert found["lint"]["depends_on"] == ["clone"]
    assert found["test-3.11"]["depends_on"] == ["lint"]
    assert found["test-3.12"]["environment"] == {"PYTHON": "3.12", **WITHOUT_NETRC}
    assert found["report"]["depends_on"] == ["test-3.11", "test-3.12"]


def test_a_step_has_its_stages_image_and_bound() -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.lint("ruff check .", image="ruff:1")
    p.test("pytest", timeout="5m")
    found = steps(only(p))
    assert [found[name]["image"] for name in ("lint", "test")] == ["ruff:1", PYTHON]
    assert found["test"]["entrypoint"][-1] == 'timeout -s KILL 300 sh -ec "$0" || exit 1'


def test_keys_stand_in_one_order() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest", secrets=[Secret("TOKEN")], allow_failure=True)
    assert list(steps(only(p))["test"]) == ["name", "image", "depends_on", "environment", "entrypoint", "command", "failure"]


def test_pull_requests_are_cloned_at_their_head() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest")
    document = only(p)
    assert document["clone"] == {"disable": True}
    assert document["steps"][0] == {
        "name": "clone",
        "image": "drone/git",
        "commands": [
            "git init",
            'git remote add origin "$DRONE_REMOTE_URL"',
            'git fetch origin "$DRONE_COMMIT_REF"',
            'git checkout "$DRONE_COMMIT_SHA"',
        ],
    }


def test_the_implicit_clone_is_kept_where_it_will_do() -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.test("pytest")
    document = only(p)
    assert "clone" not in document
    assert list(steps(document)) == ["test"]


def test_checkout_is_said_to_git() -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.test("pytest", checkout=Checkout(tags=True, submodules=True, lfs=True))
    assert steps(only(p))["clone"]["commands"][-4:] == [
        "git fetch --tags origin",
        "git submodule update --init --recursive",
        "git lfs install --local",
        "git lfs pull",
    ]


def test_a_pipelines_variables_are_the_documents() -> None:
    p = Pipeline("service", image=PYTHON, variables={"REGION": "eu", "EMPTY": ""})
    p.test("pytest", variables={"REGION": "us"})
    document = only(p)
    assert document["environment"] == {"REGION": "eu", "EMPTY": ""}
    assert steps(document)["test"]["environment"] == {"REGION": "us", **WITHOUT_NETRC}


def test_services_do_not_see_a_pipelines_variables() -> None:
    p = Pipeline("service", image=PYTHON, variables={"POSTGRES_DB": "mine"})
    p.test("pytest", services=[Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "test"})])
    document = only(p)
    assert "environment" not in document
    assert document["services"] == [{"name": "db", "image": "postgres:16", "environment": {"POSTGRES_PASSWORD": "test", **WITHOUT_NETRC}}]
    assert steps(document)["test"]["environment"] == {"POSTGRES_DB": "mine", **WITHOUT_NETRC}


def test_jobs_of_one_service_run_one_after_the_other_once_it_answers() -> None:
    db = Service("db", image="postgres:16", port=5432)
    p = Pipeline("service", image=PYTHON)
    p.test("pytest a", name="a", services=[db])
    p.test("pytest b", name="b", services=[db])
    found = steps(only(p))
    assert found["db-ready"]["depends_on"] == ["clone", "db"], "a service of a pipeline with a clone step of ours doesn't wait for it"
    assert "nc -z db 5432" in script(found["db-ready"])
    assert found["a"]["depends_on"] == ["db-ready"]
    assert found["b"]["depends_on"] == ["db-ready", "a"]
    assert said(p, "services")[0].startswith("PK1404")


def test_the_only_job_of_a_service_loses_nothing() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest", services=[Service("db", image="postgres:16", port=5432)])
    assert said(p, "services") == []


def test_two_services_of_one_name_are_refused() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest a", name="a", services=[Service("db", image="postgres:16", port=5432)])
    p.test("pytest b", name="b", services=[Service("db", image="mysql:8", port=3306)])
    assert said(p, "services")[0].startswith("PK1402")


def test_a_job_makes_way_for_a_service_of_its_name() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest", name="queue", services=[Service("queue", image="redis:7", port=6379, command="redis-server --save ''")])
    document = only(p)
    assert document["services"][0]["command"] == ["redis-server", "--save", ""]
    assert "test-queue" in steps(document)


def test_jobs_in_sequence_share_the_tree(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    made = p.step("mkdir data; echo 1 > data/x", name="make", outputs="data/")
    p.test("grep 1 data/x", needs=[made["data/"]])
    found = steps(only(p))
    assert "cp -R" not in script(found["make"])
    assert machine.run(found["make"]).returncode == 0
    assert machine.run(found["test"]).returncode == 0
    assert any("one tree" in line for line in said(p, "order"))


def test_jobs_that_may_overlap_work_in_copies(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    made = p.step("mkdir -p data/in; echo 1 > data/in/x; echo 2 > 'a b.txt'; touch mine", name="make", outputs=["data/", "a b.txt"])
    p.test("grep 1 data/in/x && grep 2 'a b.txt' && [ -e tracked ] && [ ! -e mine ]", needs=[made["data/"], made["a b.txt"]])
    p.lint("[ ! -e data ]")
    document = only(p)
    found = steps(document)
    assert document["workspace"] == {"base": "/drone", "path": "src"}
    assert found["clone"]["commands"][-1] == "mkdir -m 777 /drone/artifacts"
    (machine.source / "tracked").touch()
    for name in ("make", "test", "lint"):
        done = machine.run(found[name])
        assert done.returncode == 0, done.stderr
        (machine.root / "tmp/src").rename(machine.root / f"tmp/{name}")
    assert not (machine.source / "data").exists()


def test_files_reach_another_pipeline_through_the_store() -> None:
    p = Pipeline("service", image=PYTHON, targets=STORE)
    made = p.build("make", outputs="dist/")
    p.deploy("./deploy.sh", environment=Environment("production"), needs=[made["dist/"]])
    found = documents(p)
    stored = steps(found["service"])["store-artifacts"]
    assert stored["commands"] == [
        "tar -cf /tmp/build.tar dist",
        'rclone copyto /tmp/build.tar ":s3,env_auth,no_check_bucket,provider=AWS:bucket/folder/$DRONE_REPO/$DRONE_COMMIT_SHA/build.tar"',
    ]
    assert stored["when"] == {"event": ["push"]}
    assert stored["environment"]["AWS_SECRET_ACCESS_KEY"] == {"from_secret": "STORE_SECRET_ACCESS_KEY"}
    fetched = steps(found["production"])["fetch-artifacts"]
    assert fetched["commands"][-1] == "tar -xf /tmp/build.tar dist"
    assert steps(found["production"])["deploy-production"]["depends_on"] == ["fetch-artifacts"]


def test_files_for_another_pipeline_without_a_store_are_refused() -> None:
    p = Pipeline("service", image=PYTHON)
    made = p.build("make", outputs="dist/")
    p.deploy("./deploy.sh", environment=Environment("production"), needs=[made["dist/"]])
    assert any(line.startswith("PK1402") for line in said(p, "artifacts"))


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_failure_is_one_whatever_its_code(machine: Machine, shell: str) -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH, shell=shell)  # type: ignore[arg-type]  # one of the two, from the table
    p.test("exit 78")
    assert machine.run(steps(only(p))["test"]).returncode == 1


def test_bash_fails_in_the_middle_of_a_pipe(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.test("false | cat", name="one", shell="bash")
    p.test("false | cat", name="two", needs=[])
    found = steps(only(p))
    (machine.source / "tracked").touch()
    assert machine.run(found["one"]).returncode == 1
    (machine.root / "tmp/src").rename(machine.root / "tmp/one")
    assert machine.run(found["two"]).returncode == 0


def test_one_shell_runs_all_and_reads_nothing(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, setup="x=1", triggers=ON_PUSH)
    p.test("cat", "mkdir sub; cd sub", 'echo "$x `pwd`"', "printf '%s\\n' 'a\\b' \"$$\" >/dev/null")
    done = machine.run(steps(only(p))["test"])
    assert done.stdout == f"1 {machine.source}/sub\n"


def test_the_bytes_of_commands_reach_the_shell() -> None:
    hostile = [
        "echo $$ ${HOME} ${HOME:-x} $HOME",
        "sed 's/\\//x\\\\/'",
        "echo '${{ a }}' `date` \\$ \\${ $\\{",
        "cat <<'END'\n---\n...\nEND",
        "# ü ((",
        "printf '\t'",
    ]
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.test(*hostile)
    assert script(steps(only(p))["test"]) == "\n".join(hostile) + "\n"


def test_a_missing_secret_fails_by_its_name_before_setup(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, setup="echo setup", triggers=ON_PUSH)
    p.test('echo "$TOKEN"', secrets=[Secret("TOKEN", stored="STORED_TOKEN")])
    step = steps(only(p))["test"]
    assert step["environment"] == {"TOKEN": {"from_secret": "STORED_TOKEN"}, **WITHOUT_NETRC}
    missing = machine.run(step)
    assert missing.returncode == 1
    assert "STORED_TOKEN is missing" in missing.stderr
    assert "setup" not in missing.stdout
    assert machine.run(step, STORED_TOKEN="x$y").stdout == "setup\nx$y\n"


def test_a_secret_as_a_file(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.test('cat "$KEY"; [ -z "$OTHER" ]', secrets=[Secret("KEY", file=True), Secret("OTHER", file=True, optional=True)])
    done = machine.run(steps(only(p))["test"], KEY="a\\n\nb")
    assert (done.returncode, done.stdout) == (0, "a\\n\nb")


def test_a_missing_output_fails_also_after_exit(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.step("exit 0", name="make", outputs="data/")
    done = machine.run(steps(only(p))["make"])
    assert done.returncode == 1
    assert "the output data/ is missing" in done.stderr


def test_a_timeout_ends_the_script(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.test("trap '' TERM; sleep 30; echo late", timeout="1s")
    done = machine.run(steps(only(p))["test"])
    assert (done.returncode, done.stdout) == (1, "")


def test_each_attempt_has_a_fresh_tree(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    count = machine.root / "count"
    p.test(f"[ ! -e dirty ]; touch dirty; echo x >> {count}; [ $(wc -l < {count}) -eq 3 ]", retries=4)
    done = machine.run(steps(only(p))["test"])
    assert done.returncode == 0, done.stderr
    assert count.read_text() == "x\n" * 3


def test_attempts_come_to_an_end(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.test(f"echo x >> {machine.root}/count; exit 3", retries=2)
    assert machine.run(steps(only(p))["test"]).returncode == 1
    assert (machine.root / "count").read_text() == "x\n" * 3


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (3, 1)])
def test_kept_files_are_taken_however_the_job_ends(machine: Machine, code: int, expected: int) -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH, targets=STORE)
    p.test(
        f"mkdir -p reports logs; touch reports/a.xml logs/1.txt logs/2.log; exit {code}",
        reports="reports/a.xml",
        keep=["logs/*.txt", "none/"],
    )
    found = steps(only(p))
    assert machine.run(found["test"]).returncode == expected
    kept = machine.root / "drone/kept/test"
    assert sorted(str(path.relative_to(kept)) for path in kept.rglob("*") if path.is_file()) == ["logs/1.txt", "reports/a.xml"]
    assert found["keep"]["when"] == {"status": ["success", "failure"]}
    assert found["keep"]["failure"] == "ignore"


def test_pull_requests_are_not_given_the_stores_keys() -> None:
    p = Pipeline("service", image=PYTHON, targets=STORE)
    p.test("pytest", keep="logs/")
    keep = steps(only(p))["keep"]
    assert keep["when"] == {"event": ["push"], "status": ["success", "failure"]}
    assert said(p, "keep")[0].startswith("PK1404")
    p = Pipeline("service", image=PYTHON, targets=STORE, triggers=[on.pull_request()])
    p.test("pytest", keep="logs/")
    assert list(steps(only(p))) == ["clone", "test"]


def test_kept_files_without_a_store_are_refused() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest", keep="logs/", reports="report.xml")
    assert said(p, "keep")[0].startswith("PK1402")
    assert said(p, "reports")[0].startswith("PK1404")


def test_facts_are_read_from_the_environment(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON)
    p.test(f'echo "{ci.short_sha}|{ci.event}|{ci.branch}|{ci.target_branch}|{ci.title}|{ci.pull_request}|{ci.tag}"')
    given = {"DRONE_BUILD_EVENT": "push", "DRONE_SOURCE_BRANCH": "$(touch x)`", "DRONE_COMMIT_MESSAGE": "one\ntwo"}
    step = steps(only(p))["test"]
    assert machine.run(step, given).stdout == f"{SHA[:8]}|push|$(touch x)`||one||\n"
    given |= {
        "DRONE_BUILD_EVENT": "pull_request",
        "DRONE_TARGET_BRANCH": "main",
        "DRONE_PULL_REQUEST": "7",
        "DRONE_PULL_REQUEST_TITLE": "t",
    }
    assert machine.run(step, given).stdout == f"{SHA[:8]}|pull_request|$(touch x)`|main|t|7|\n"
    assert "${DRONE_SOURCE_BRANCH" not in text(p)


def test_events_have_the_contracts_names(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.push(), on.schedule("nightly", "0 3 * * *"), on.manual("again")])
    p.test(f"echo {ci.event}")
    step = steps(only(p))["test"]
    for engine, ours in (("push", "push"), ("cron", "schedule"), ("custom", "manual")):
        assert machine.run(step, {"DRONE_BUILD_EVENT": engine}).stdout == f"{ours}\n"


def test_a_tags_branch_is_empty(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.tag()])
    p.test(f'echo "{ci.branch}|{ci.tag}|{ci.event}"')
    assert machine.run(steps(only(p))["test"], {"DRONE_TAG": "v1", "DRONE_SOURCE_BRANCH": "x"}).stdout == "|v1|tag\n"


def test_inputs_are_parameters_with_defaults_and_choices(machine: Machine) -> None:
    problem = Input("problem", "houses", choices=("houses", "iris"), help="which data")
    p = Pipeline("service", image=PYTHON, triggers=[on.manual("train", inputs=[problem])])
    p.step(f'echo "{problem}"', name="train")
    step = steps(only(p))["train"]
    assert machine.run(step).stdout == "houses\n"
    assert machine.run(step, {"PROBLEM": "iris"}).stdout == "iris\n"
    assert machine.run(step, {"PROBLEM": "$(id)"}).returncode == 1
    assert "PROBLEM: which data; houses, iris" in text(p)


def test_unchanged_parts_end_green_in_pull_requests(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("pytest")
    p.lint("echo ran", name="docs", only_if=changed("docs/**", "mkdocs.yml", "man/*/"))
    found = steps(only(p))
    assert found["docs"]["depends_on"] == ["changes"]
    assert "':(glob)docs/**' ':(glob)mkdocs.yml' ':(glob)man/*/**' || touch /drone/changed/docs" in script(found["changes"])
    assert machine.run(found["docs"], {"DRONE_BUILD_EVENT": "pull_request"}).stdout == ""
    assert machine.run(found["docs"], {"DRONE_BUILD_EVENT": "push"}).stdout == "ran\n"


def test_limits_are_errors() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("x" * 70_000)
    assert [found.code for found in emission(p).diagnostics if found.level == "error"] == ["PK1408"]
    p = Pipeline("service", image=PYTHON)
    p.test(*["y" * 60_000] * 3)
    assert [found.code for found in emission(p).diagnostics if found.level == "error"] == ["PK1408"]


def test_text_that_yaml_can_not_carry_plainly_is_an_error() -> None:
    p = Pipeline("service", image=PYTHON)
    p.test("printf '\x07'")
    assert [found.code for found in emission(p).diagnostics if found.level == "error"] == ["PK1408"]


def test_what_runs_after_all_stands_behind_all_and_its_services() -> None:
    db, queue = Service("db", image="postgres:16", port=5432), Service("queue", image="redis:7", port=6379)
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.step("notify", name="notify", when="on_failure", services=[db, queue])
    p.test("pytest", services=[db])
    found = steps(only(p))
    assert found["test"]["depends_on"] == ["db-ready"]
    assert found["notify"]["depends_on"] == ["test", "db-ready", "queue-ready"]
    assert list(found)[-1] == "notify"


def test_a_container_build_in_the_shared_tree_is_told() -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    test = p.test("pytest")
    p.build(container("quay.io/acme/app", tag=ci.sha), needs=[test])
    assert any("one tree" in line for line in said(p, "order"))


def test_a_services_image_can_be_of_the_commit() -> None:
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.test("pytest", services=[Service("app", image=f"quay.io/acme/app:{ci.sha}", port=80)])
    assert [(each["name"], each["image"]) for each in only(p)["services"]] == [("app", f"quay.io/acme/app:{SHA}")]


@pytest.mark.parametrize("retries", [0, 1])
@pytest.mark.parametrize("reports", [[], ["a.xml"]])
def test_a_script_sees_its_own_variables_alone(machine: Machine, retries: int, reports: list[str]) -> None:
    variables = {"attempt": "1st", "failed": "none", "path": "here", "file": "mine", "EMPTY": ""}
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH, targets=STORE)
    p.test(
        'echo "$attempt $failed $path $file ${EMPTY-unset} $# $(env | grep ^PK_ || true)"; cat "$KEY"; false',
        variables=variables,
        secrets=[Secret("KEY", file=True)],
        retries=retries,
        reports=reports,
    )
    done = machine.run(steps(only(p))["test"], KEY="key")
    assert done.stdout == "1st none here mine  0 \nkey" * (retries + 1)


def test_what_is_not_wanted_needs_no_secret(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.pull_request()])
    p.lint("echo ran", name="docs", only_if=changed("docs/**"), secrets=[Secret("TOKEN")])
    done = machine.run(steps(only(p))["docs"])
    assert (done.returncode, done.stdout) == (0, "")


def test_changes_are_looked_at_in_pull_requests_alone() -> None:
    p = Pipeline("service", image=PYTHON)
    p.lint("echo ran", name="docs", only_if=changed("docs/**"))
    assert steps(only(p))["changes"]["when"] == {"event": ["pull_request"]}
    p = Pipeline("service", image=PYTHON, triggers=[on.pull_request()])
    p.lint("echo ran", name="docs", only_if=changed("docs/**"))
    assert "when" not in steps(only(p))["changes"]


def test_only_a_manual_run_has_its_inputs(machine: Machine) -> None:
    ship = on.manual("ship", inputs=[Input("problem", "houses", choices=("houses", "iris"))])
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH)
    p.deploy('echo "${PROBLEM-none}"', environment=Environment("production", on=[on.push(), ship]))
    step = steps(only(p))["deploy-production"]
    assert machine.run(step, {"DRONE_BUILD_EVENT": "push"}).stdout == "none\n"
    assert machine.run(step, {"DRONE_BUILD_EVENT": "custom"}).stdout == "houses\n"
    assert machine.run(step, {"DRONE_BUILD_EVENT": "custom", "PROBLEM": "x"}).returncode == 1


def test_of_another_pipelines_files_only_those_asked_for_are_unpacked() -> None:
    p = Pipeline("service", image=PYTHON, targets=STORE, triggers=ON_PUSH)
    made = p.build("make", outputs=["dist/", "metrics.json", "a b.txt"])
    p.deploy("./deploy.sh", environment=Environment("staging"), needs=[made["dist/"]])
    p.deploy("./deploy.sh", environment=Environment("production"), needs=[made["metrics.json"], made["a b.txt"]])
    found = documents(p)
    assert steps(found["service"])["store-artifacts"]["commands"][0] == "tar -cf /tmp/build.tar dist metrics.json 'a b.txt'"
    assert steps(found["staging"])["fetch-artifacts"]["commands"][-1] == "tar -xf /tmp/build.tar dist"
    assert steps(found["production"])["fetch-artifacts"]["commands"][-1] == "tar -xf /tmp/build.tar metrics.json 'a b.txt'"


def test_a_build_of_a_cron_job_has_a_target_branch_alone(machine: Machine) -> None:
    p = Pipeline("service", image=PYTHON, triggers=[on.schedule("nightly", "0 2 * * *"), on.push()])
    p.test(f'printf %s "{ci.branch}"')
    step = steps(only(p))["test"]
    assert machine.run(step, {"DRONE_SOURCE_BRANCH": "", "DRONE_COMMIT_BRANCH": "main"}).stdout == "main"
    assert machine.run(step, {"DRONE_SOURCE_BRANCH": "work", "DRONE_COMMIT_BRANCH": "main"}).stdout == "work"


def test_what_runs_after_a_delivery_that_failed_runs_whichever_of_it_fails() -> None:
    staging, production = Environment("staging"), Environment("production")
    p = Pipeline("service", image=PYTHON, triggers=ON_PUSH, targets=STORE)
    tried = p.deploy("./deploy staging", environment=staging)
    asked = p.gate("Ship?", needs=[tried])
    p.deploy("./deploy production", environment=production, needs=[asked])
    p.step("notify", name="notify", when="on_failure")
    p.step("sweep", name="sweep", when="always")
    end = next(document for document in documents(p).values() if {"notify", "sweep"} == {step["name"] for step in document["steps"]})
    assert end["trigger"]["status"] == ["failure"]
    assert [step["when"]["status"] for step in end["steps"]] == [["success", "failure"]] * 2
