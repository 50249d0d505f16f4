"""Order, events and what carries a run from job to job."""

import pytest

from pipelinekit import Environment, Input, Matrix, Pipeline, Secret, changed, ci, on

from .rendered import Worker, emission, flat, gets, jobs, levels, pipeline, resources, tasks


def defined(*triggers, **options):
    return Pipeline("x", image="python:3.12", triggers=triggers or [on.push()], **options)


def test_order_is_what_has_passed():
    p = defined()
    one, two = p.lint("a", name="one"), p.lint("b", name="two")
    p.test("t", needs=[one, two])
    found = jobs(p)
    assert gets(found["test"])["repo"]["passed"] == ["one", "two"]
    assert all(gets(job)["repo"]["trigger"] is True for job in found.values())
    assert "passed" not in gets(found["one"])["repo"]


def test_trunk_takes_the_newest_commit_and_says_so():
    p = defined()
    p.test("t")
    assert "version" not in gets(jobs(p)["test"])["repo"]
    assert levels(p)["push"] == "note"


def test_the_tree_is_no_more_than_asked_for():
    from pipelinekit import Checkout

    p = defined()
    p.test("t")
    p.build("b", checkout=Checkout(history=True, tags=True, lfs=True, submodules=True))
    assert gets(jobs(p)["test"])["repo"]["params"] == {"depth": 1, "submodules": "none", "disable_git_lfs": True}
    assert gets(jobs(p)["build"])["repo"]["params"] == {"fetch_tags": True}


def test_pull_requests_are_a_chain_of_their_own_with_every_version():
    p = defined(on.push(), on.pull_request())
    p.test("t", needs=[p.lint("l")])
    found = jobs(p)
    assert list(found) == ["lint", "test", "pr-lint", "pr-test"]
    assert gets(found["pr-test"])["repo"] == {
        "get": "repo",
        "resource": "pull-request",
        "passed": ["pr-lint"],
        "trigger": True,
        "version": "every",
        "params": {"integration_tool": "checkout", "git_depth": 50},
    }
    source = resources(p)["pull-request"]["source"]
    assert source["disable_forks"] is True
    assert source["base_branch"] == "main"


def test_the_token_of_the_pull_request_resource_is_gone_before_anything_else():
    p = defined(on.pull_request())
    p.test("t")
    lines = tasks(jobs(p)["pr-test"])["test"]["config"]["run"]["args"][1].splitlines()
    assert lines[:2] == ["exec </dev/null", "sed -i /x-oauth-basic:/d .git/config"]


def test_forks_keep_stages_with_secrets_out_of_all_pull_requests():
    p = defined(on.pull_request(forks=True))
    p.test("t")
    p.test("i", name="integration", secrets=[Secret("TOKEN")])
    assert list(jobs(p)) == ["pr-test"]
    assert levels(p)["forks"] == "warning"
    assert "disable_forks" not in resources(p)["pull-request"]["source"]


def test_merge_requests_of_gitlab_are_refused():
    p = defined(on.pull_request(), targets={"concourse": {"host": "gitlab"}})
    p.test("t")
    assert levels(p)["pull_request"] == "error"
    assert emission(p).files == {}


def test_branches_and_inputs_are_refused():
    p = defined(on.push("release/*"), on.manual("train", inputs=[Input("seed", "1")]))
    p.test("t")
    assert levels(p)["branches"] == levels(p)["inputs"] == "error"


def test_tags_are_those_on_trunk_that_match_the_whole_glob():
    p = defined(on.tag("v*.0"))
    p.test(f'echo "{ci.tag}"')
    source = resources(p)["tag"]["source"]
    assert source["branch"] == "main"
    assert source["tag_regex"] == "v[^/]*[.]0"
    job = jobs(p)["tag-test"]
    assert gets(job)["repo"]["resource"] == "tag"
    assert 'PK_TAG="$(cat .git/ref)"' in tasks(job)["test"]["config"]["run"]["args"][1]


@pytest.mark.parametrize(
    ("cron", "source"),
    [
        ("30 3 * * *", {"start": "3:30", "stop": "4:30"}),
        ("30 23 * * *", {"start": "23:30", "stop": "0:30"}),
        ("30 23 * * 1", {"start": "23:30", "stop": "0:00", "days": ["Monday"]}),
        ("0 5 * * 1-5", {"start": "5:00", "stop": "6:00", "days": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]}),
        ("0 5 * * 0,7", {"start": "5:00", "stop": "6:00", "days": ["Sunday"]}),
        ("15 * * * *", {"interval": "1h"}),
        ("0 */6 * * *", {"interval": "6h"}),
        ("*/15 * * * *", {"interval": "15m"}),
        ("*/15 8-17 * * *", {"interval": "15m", "start": "8:00", "stop": "18:00"}),
    ],
)
def test_schedules_are_windows_or_intervals(cron, source):
    p = defined(on.schedule("nightly", cron))
    p.test("t")
    assert resources(p)["nightly"]["source"] == source
    assert levels(p)["schedule"] == "warning"


@pytest.mark.parametrize("cron", ["0 3 1 * *", "0 3 * 6 *", "0 3,15 * * *", "55 23 * * 1", "*/7 * * * *", "0 */5 * * *", "1-5 * * * *"])
def test_schedules_without_a_form_are_refused(cron):
    p = defined(on.schedule("nightly", cron))
    p.test("t")
    assert levels(p)["schedule"] == "error"


def test_one_job_carries_its_schedule_itself():
    p = defined(on.schedule("nightly", "0 3 * * *"))
    p.test("t", needs=[p.lint("l")])
    found = jobs(p)
    assert list(found) == ["nightly-lint", "nightly-test"]
    assert gets(found["nightly-lint"])["nightly"] == {"get": "nightly", "trigger": True}
    assert gets(found["nightly-test"])["nightly"] == {"get": "nightly", "passed": ["nightly-lint"], "trigger": True}
    assert gets(found["nightly-test"])["repo"]["passed"] == ["nightly-lint"]
    assert all("trigger" not in gets(job)["repo"] for job in found.values())


def test_several_first_jobs_of_a_schedule_share_one_commit():
    p = defined(on.schedule("nightly", "0 3 * * *"))
    p.test("t")
    p.lint("l")
    found = jobs(p)
    assert set(gets(found["nightly"])) == {"nightly", "repo"}
    assert gets(found["nightly-test"])["repo"]["passed"] == gets(found["nightly-lint"])["repo"]["passed"] == ["nightly"]


def test_a_manual_run_of_one_job_is_a_job_without_trigger():
    p = defined(on.manual("train"))
    p.step("python train.py", name="train")
    assert list(jobs(p)) == ["train"]
    assert "trigger" not in gets(jobs(p)["train"])["repo"]


def test_a_manual_run_of_several_jobs_starts_with_one_that_makes_a_version():
    p = defined(on.manual("train"))
    p.test("t", needs=[p.lint("l")])
    found = jobs(p)
    assert [next(iter(step)) for step in found["train"]["plan"]] == ["get", "put"]
    assert gets(found["train-lint"])["train"] == {"get": "train", "passed": ["train"], "trigger": True}
    assert resources(p)["train"]["check_every"] == "never"


def test_names_never_meet():
    p = defined(on.push(), on.pull_request())
    p.test("t")
    p.test("u", name="pr-test")
    found = [job["name"] for job in pipeline(p)["jobs"]]
    assert len(set(found)) == len(found) == 4


def test_every_chain_is_a_group():
    p = defined(on.push(), on.pull_request(), on.schedule("nightly", "0 3 * * *"))
    p.test("t")
    groups = {group["name"]: group["jobs"] for group in pipeline(p)["groups"]}
    assert groups == {"trunk": ["test"], "pull-requests": ["pr-test"], "nightly": ["nightly-test"]}


def test_a_gate_is_a_job_that_nothing_triggers():
    p = defined()
    asked = p.gate("Ship?", needs=[p.test("t")])
    p.deploy("d", environment=Environment("production"), needs=[asked])
    found = jobs(p)
    assert gets(found["gate"])["repo"]["passed"] == ["test"]
    assert all("trigger" not in step for step in flat(found["gate"]["plan"]))
    assert gets(found["deploy-production"])["repo"]["passed"] == ["gate"]
    assert "# Ship?\n- name: gate" in emission(p).files["ci/pipeline.yml"]


def test_a_gate_with_a_bound_looks_at_the_clock_of_the_job_before_it():
    p = defined()
    asked = p.gate("Ship?", needs=[p.test("t")], timeout="1h")
    p.deploy("d", environment=Environment("production"), needs=[asked])
    found = jobs(p)
    assert found["gate-asked"]["plan"][-1]["put"] == "gate-asked"
    assert gets(found["gate-asked"])["repo"]["passed"] == ["test"]
    assert gets(found["gate"])["gate-asked"]["passed"] == gets(found["gate"])["repo"]["passed"] == ["gate-asked"]
    assert "-le 3600 ]" in tasks(found["gate"])["gate"]["config"]["run"]["args"][1]


def test_a_block_is_one_serial_job_in_order():
    p = defined()
    production = Environment("production", url="https://x.example", config="conf/x.toml")
    ready = p.migrate("m", environment=production, needs=[p.test("t")])
    live = p.deploy("d", environment=production, needs=[ready])
    p.verify("v", environment=production, needs=[live])
    job = jobs(p)["production"]
    assert list(tasks(job)) == ["migrate-production", "deploy-production", "verify-production"]
    assert job["serial"] is True
    assert job["disable_reruns"] is True
    assert "# production, https://x.example, conf/x.toml\n- name: production" in emission(p).files["ci/pipeline.yml"]


def test_jobs_of_one_environment_in_two_chains_share_its_lock():
    p = defined()
    where = Environment("production", on=[on.push(), on.schedule("nightly", "0 3 * * *")])
    p.deploy("d", environment=where, needs=[p.test("t", lock="production")])
    assert levels(p)["overtaking"] == "error"
    q = defined(accept={"concourse": {"overtaking": "one hand deploys"}})
    q.deploy("d", environment=where, needs=[q.test("t", lock="production")])
    found = jobs(q)
    assert found["deploy-production"]["serial_groups"] == found["nightly-deploy-production"]["serial_groups"] == ["production-2"]
    assert found["test"]["serial_groups"] == ["production"]


def test_a_lock_also_holds_between_cells():
    p = defined()
    p.test("t", matrix=Matrix("python", "3.11", "3.12"), lock="box")
    job = jobs(p)["test"]
    assert job["serial_groups"] == ["box"]
    assert "max_in_flight" not in job["plan"][-1]["across"][0]
    assert "lock" not in levels(p)


def test_a_lock_of_a_stage_after_all_is_held_by_the_jobs_whose_hook_it_is():
    p = defined()
    p.test("t", needs=[p.lint("l")])
    p.step("c", name="clean", when="always", lock="box")
    p.step("n", name="notify", when="on_failure", lock="box")
    found = jobs(p)
    assert [job["serial_groups"] for job in found.values()] == [["box"], ["box"]]
    assert found["lint"]["on_failure"]["in_parallel"]["limit"] == 1
    assert levels(p)["lock"] == "warning"


def test_a_lock_of_a_job_after_all_is_its_own():
    p = defined(accept={"concourse": {"always": "it removes what is its own"}})
    p.test("t")
    p.lint("l")
    p.step("c", name="clean", when="always", lock="box")
    assert jobs(p)["clean"]["serial_groups"] == ["box"]


def test_a_lock_of_one_stage_makes_those_that_share_its_job_wait():
    p = defined()
    made = p.build("b", outputs="dist/")
    p.test("t", needs=[made["dist/"]], lock="box")
    assert jobs(p)["build-test"]["serial_groups"] == ["box"]
    assert levels(p)["lock"] == "warning"


def test_the_jobs_of_a_group_stand_in_the_order_of_the_file():
    p = defined(on.push(), on.pull_request())
    asked = p.gate("Ship?", needs=[p.test("t")], timeout="1h")
    p.deploy("d", environment=Environment("production"), needs=[asked])
    data = pipeline(p)
    assert [name for group in data["groups"] for name in group["jobs"]] == [job["name"] for job in data["jobs"]]


def test_the_filter_reads_the_list_of_changed_files():
    p = defined(on.push(), on.pull_request())
    p.lint("l", only_if=changed("docs/**", "**/*.md", "a^b.txt"))
    found = jobs(p)
    assert gets(found["pr-lint"])["repo"]["params"]["list_changed_files"] is True
    assert "grep" not in str(found["lint"])
    text = tasks(found["pr-lint"])["lint"]["config"]["run"]["args"][1]
    line = "grep -Eq '^(docs/.*|(.*/)?[^/]*[.]md|a\\^b[.]txt)$' .git/resource/changed_files || [ $? -gt 1 ] || exit 0"
    assert line in text


@pytest.mark.parametrize(
    ("paths", "runs"),
    [
        ("docs/x.txt\n", True),
        ("a^b.txt\n", True),
        ("x/a+.md\n", True),
        ("src/docs/x\na-b.txt\n", False),
        ("", False),
        (None, True),
    ],
)
def test_the_filter_ends_the_job_only_when_it_can_tell(tmp_path, paths, runs):
    p = defined(on.pull_request())
    p.lint("echo ran", only_if=changed("docs/", "a^b.txt", "**/*+.md"))
    worker = Worker(tmp_path)
    worker.has("repo", **{".git/config": ""}, **({} if paths is None else {".git/resource/changed_files": paths}))
    done = worker.run(tasks(jobs(p)["pr-lint"])["lint"])
    assert (done.returncode, done.stdout) == (0, "ran\n" if runs else "")
