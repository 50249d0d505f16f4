"""What a job does: its tasks, their modifiers, images, artifacts and ends."""

from pipelinekit import Cache, Checkout, Environment, Matrix, Pipeline, Registry, Runner, Secret, Service, ci, on
from pipelinekit.recipes import container

from .rendered import Worker, emission, flat, gets, jobs, levels, resources, script, tasks


def defined(**options):
    return Pipeline("x", image="python:3.12", triggers=[on.push()], **options)


def only_task(p, job="test"):
    return next(iter(tasks(jobs(p)[job]).values()))


def test_modifiers():
    p = defined()
    p.test("t", timeout="1h 30m", retries=2, runner=Runner("gpu", cpus=4, memory="16Gi"))
    task = only_task(p)
    assert (task["attempts"], task["timeout"], task["tags"]) == (3, "1h30m", ["gpu"])
    assert task["container_limits"] == {"cpu": 4096, "memory": "16GB"}
    assert levels(p)["runner"] == "warning"


def test_an_architecture_takes_a_tag_of_its_workers():
    p = defined()
    p.test("t", runner=Runner(arch="arm64"))
    assert levels(p)["runner"] == "error"
    q = defined(targets={"concourse": {"arch_tags": {"arm64": "arm"}}})
    q.test("t", runner=Runner(arch="arm64"))
    assert only_task(q)["tags"] == ["arm"]


def test_images_are_taken_apart():
    digest = "sha256:" + "0" * 64
    p = defined()
    p.test("t", image=f"localhost:5000/a/b:1.0@{digest}")
    assert only_task(p)["config"]["image_resource"] == {
        "type": "registry-image",
        "source": {"repository": "localhost:5000/a/b", "tag": "1.0"},
        "version": {"digest": digest},
    }


def test_variables_are_text_and_secrets_are_keys(tmp_path):
    p = defined(variables={"A": "1.0", "B": "yes", "EMPTY": ""})
    p.test('printf "%s|%s|%s" "$A" "$B" "${EMPTY-unset}"', variables={"A": "x((y))z"}, secrets=[Secret("TOKEN", stored="KEY")])
    task = only_task(p)
    assert task["config"]["params"] == {"B": "yes", "EMPTY": "", "TOKEN": "((KEY))"}
    worker = Worker(tmp_path)
    worker.has("repo")
    assert worker.run(task, KEY="v").stdout == "x((y))z|yes|"
    missing = worker.run(task)
    assert missing.returncode != 0
    assert "KEY is missing" in missing.stderr
    assert missing.stdout == ""


def test_a_secret_as_a_file_holds_its_bytes(tmp_path):
    p = defined()
    p.test('cat "$KEY"', secrets=[Secret("KEY", file=True)])
    worker = Worker(tmp_path)
    worker.has("repo")
    assert worker.run(only_task(p), KEY="a\n b").stdout == "a\n b"


def test_files_go_from_task_to_task_and_nothing_else(tmp_path):
    p = defined()
    made = p.build("mkdir -p dist/x", "echo 1 > dist/x/a", "echo 2 > note.txt", "echo 3 > other", "cd /", outputs=["dist/", "note.txt"])
    p.test("cat dist/x/a note.txt old", "! test -e other", "test -x dist", needs=[made["dist/"], made["note.txt"]])
    worker = Worker(tmp_path)
    worker.has("repo", old="0\n")
    found = tasks(jobs(p)["build-test"])
    assert worker.run(found["build"]).returncode == 0
    done = worker.run(found["test"])
    assert (done.returncode, done.stdout) == (0, "1\n2\n0\n")


def test_a_missing_output_fails_even_after_an_exit(tmp_path):
    p = defined()
    made = p.build("exit 0", outputs="dist/")
    p.test("t", needs=[made["dist/"]])
    worker = Worker(tmp_path)
    worker.has("repo")
    assert "the output dist/ is missing" in worker.run(tasks(jobs(p)["build-test"])["build"]).stderr


def test_stages_that_share_a_job_say_when_they_wait():
    p = defined()
    made = p.build("b", outputs="dist/", needs=[p.lint("l")])
    p.test("t", needs=[made["dist/"]])
    assert levels(p)["artifacts"] == "note"
    p.step("s", name="third", needs=[made])
    assert levels(p)["artifacts"] == "warning"


def test_a_stage_between_two_of_a_job_joins_it():
    p = defined()
    made = p.build("b", outputs="dist/")
    middle = p.lint("l", needs=[made])
    p.test("t", needs=[made["dist/"], middle])
    assert list(jobs(p)) == ["build-lint-test"]
    assert list(tasks(jobs(p)["build-lint-test"])) == ["build", "lint", "test"]


def across_a_gate(**targets):
    p = defined(targets={"concourse": targets})
    made = p.build("b", outputs="dist/")
    asked = p.gate("Ship?", needs=[p.test("t", needs=[made])])
    p.deploy("d", environment=Environment("production"), needs=[asked, made["dist/"]])
    return p


def test_files_cross_a_gate_by_a_bucket_alone():
    assert levels(across_a_gate())["artifacts"] == "error"
    p = across_a_gate(bucket="files", region="eu-central-1")
    found = jobs(p)
    assert [step.get("put") for step in found["build"]["plan"]][-1] == "build-files"
    get = gets(found["deploy-production"])["build"]
    assert get == {"get": "build", "resource": "build-files", "passed": ["build"], "params": {"unpack": True}}
    assert sorted(gets(found["deploy-production"])["repo"]["passed"]) == ["build", "gate"]
    assert resources(p)["build-files"]["source"]["regexp"] == "x/build/files-(\\d+)-[0-9a-f]+[.]tgz"


def test_what_goes_into_the_bucket_is_named_by_the_pattern(tmp_path):
    import re

    worker = Worker(tmp_path)
    worker.has("repo", **{".git/ref": "0123abcd\n"})
    worker.has("build", **{"dist/a": "1"})
    p = across_a_gate(bucket="files")
    assert worker.run(tasks(jobs(p)["build"])["pack-build"]).returncode == 0
    (packed,) = worker.artifacts["build-packed"].iterdir()
    assert re.fullmatch(resources(p)["build-files"]["source"]["regexp"], f"x/build/{packed.name}")


def test_a_matrix_is_across_and_cells_whose_files_are_wanted_are_tasks():
    python = Matrix("python", "3.11", "3.12")
    p = defined()
    p.test("t", matrix=python, image=f"python:{python}-slim", outputs=f"cov-{python}.xml")
    step = jobs(p)["test"]["plan"][-1]
    assert step["across"] == [{"var": "python", "values": ["3.11", "3.12"], "max_in_flight": "all"}]
    assert step["config"]["image_resource"]["source"] == {"repository": "python", "tag": "((.:python))-slim"}
    assert '[ -e "cov-${PYTHON}.xml" ]' in script(step)
    q = defined()
    cells = q.test("t", matrix=python, image=f"python:{python}-slim", outputs=f"cov-{python}.xml")
    q.step("s", name="last", needs=[cells[f"cov-{python}.xml"]])
    found = tasks(jobs(q)["test-last"])
    assert list(found) == ["test-3.11", "test-3.12", "last"]
    assert [one["name"] for one in found["last"]["config"]["inputs"]] == ["repo", "test-3.11", "test-3.12"]


def with_models(*values):
    model = Matrix("model", *values)
    p = defined(targets={"concourse": {"bucket": "files"}})
    cells = p.test("t", matrix=model, outputs=f"{model}.json")
    p.step("s", name="last", needs=[cells[f"{model}.json"]])
    return p


def test_capitals_of_a_cell_stay_out_of_names():
    p = with_models("Big", "small")
    assert "test-big-files" in resources(p)
    found = tasks(jobs(p)["test"])
    assert {"test-big", "pack-test-big"} <= set(found)
    assert found["test-big"]["config"]["params"] == {"MODEL": "Big"}
    assert gets(jobs(p)["last"])["test-big"]["resource"] == "test-big-files"


def test_cells_that_differ_in_capitals_alone_cannot_hand_files_on():
    assert [finding.code for finding in emission(with_models("Big", "big")).diagnostics if finding.level == "error"] == ["PK1408", "PK1408"]


def test_allowed_failures_and_caches():
    p = defined()
    p.test("t", allow_failure=True, cache=Cache("m/", key="m.lock", variable="M"))
    step = jobs(p)["test"]["plan"][-1]
    assert list(step) == ["try"]
    assert step["try"]["config"]["caches"] == [{"path": "repo/m"}]
    assert 'export M="$PWD/m"' in script(step["try"])


def test_a_matrix_that_may_fail_is_tried_as_a_whole():
    """Under `try` a task's name with a variable is no identifier, directly under `across` it may stand."""
    python = Matrix("python", "3.11", "3.12")
    p = defined()
    p.test("t", matrix=python, image=f"python:{python}-slim", allow_failure=True, retries=1)
    step = jobs(p)["test"]["plan"][-1]
    assert list(step) == ["try"]
    assert list(step["try"])[:3] == ["across", "task", "attempts"]


def test_what_comes_after_all_hangs_on_jobs_in_a_row():
    p = defined()
    p.test("t", needs=[p.lint("l")])
    p.step("n", name="notify", when="on_failure")
    p.step("c", name="clean", when="always")
    found = jobs(p)
    first = [step["task"] for step in found["lint"]["on_failure"]["in_parallel"]]
    assert first == ["notify", "clean"]
    assert found["lint"]["on_error"] == found["lint"]["on_failure"]
    assert found["test"]["ensure"]["task"] == "clean"
    assert found["test"]["on_failure"]["task"] == "notify"
    assert levels(p)["always"] == levels(p)["on_failure"] == "note"


def test_what_comes_after_jobs_that_overlap_is_unsafe():
    p = defined()
    p.test("t")
    p.lint("l")
    p.step("c", name="clean", when="always")
    assert levels(p)["always"] == "error"
    q = defined(accept={"concourse": {"always": "it removes what is its own"}})
    q.test("t")
    q.lint("l")
    q.step("c", name="clean", when="always")
    assert gets(jobs(q)["clean"])["repo"]["passed"] == ["test", "lint"]


def image_of(p, **options):
    quay = Registry("quay.io", username=Secret("USER_NAME"), password=Secret("PASS_WORD"))
    return p.build(container("quay.io/a/b", tag=ci.short_sha, also="latest", args={"A": "1"}, registry=quay), **options)


def test_images_are_built_always_and_published_in_deliveries():
    p = Pipeline("x", image="python:3.12", triggers=[on.push(), on.pull_request()])
    image = image_of(p, timeout="10m", retries=1)
    p.deploy("d", environment=Environment("production"), image=image.ref, setup="", needs=[image])
    found = jobs(p)
    (block,) = [step for step in found["build"]["plan"] if "do" in step]
    assert (block["attempts"], block["timeout"]) == (2, "10m")
    guard, build, put = block["do"]
    assert guard["config"]["params"] == {"USER_NAME": "((USER_NAME))", "PASS_WORD": "((PASS_WORD))"}
    assert "the secret PASS_WORD is missing" in script(guard)
    assert build["privileged"] is True
    assert build["config"]["params"] == {"CONTEXT": "repo", "BUILD_ARG_A": "1"}
    assert put["params"] == {"image": "image/image.tar", "additional_tags": "image/tags"}
    assert script(build) == 'build\nprintf "%s\\n" "$(cut -c1-8 repo/.git/ref) latest" > image/tags\n'
    assert all("put" not in step for step in flat(found["pr-build"]["plan"]))
    assert resources(p)["image"]["source"] == {"repository": "quay.io/a/b", "username": "((USER_NAME))", "password": "((PASS_WORD))"}
    used = tasks(found["deploy-production"])["deploy-production"]["config"]["image_resource"]["source"]
    assert used["tag"] == "((.:short-sha))"


def test_services_run_beside_the_job_in_docker():
    db = Service("db", image="postgres:16", port=5432, variables={"POSTGRES_PASSWORD": "a b"}, command="postgres -c fsync=off")
    p = defined()
    p.test("t", services=[db])
    assert levels(p)["services"] == "error"
    q = defined(targets={"concourse": {"services": "docker"}})
    q.test("make test", services=[db], variables={"HOST_NAME": "db"}, secrets=[Secret("TOKEN")], shell="bash")
    task = only_task(q)
    assert task["privileged"] is True
    outer, _, inner = task["config"]["run"]["args"][1:]
    assert inner == "make test\n"
    assert "docker run -d --name db --network job -e 'POSTGRES_PASSWORD=a b' postgres:16 postgres -c fsync=off" in outer
    assert outer.index("TOKEN is missing") < outer.index("docker run")
    assert outer.index("5432") < outer.index("docker run --rm")
    assert '-e HOST_NAME -e TOKEN --entrypoint bash python:3.12 -eo pipefail -c "$1"' in outer


def test_raw_is_merged_last():
    p = defined(raw={"concourse": {"display": {"background_image": "https://x.example/a.png"}}})
    p.test("t", raw={"concourse": {"public": True}})
    assert jobs(p)["test"]["public"] is True
    assert "display:" in emission(p).files["ci/pipeline.yml"]


def test_stages_after_all_get_the_tree_that_they_ask_for():
    p = defined()
    asked = p.gate("Ship?", needs=[p.test("t")])
    p.deploy("d", environment=Environment("production"), needs=[asked])
    p.step("git log", name="notify", when="on_failure", checkout=Checkout(history=True))
    found = jobs(p)
    assert "depth" not in gets(found["test"])["repo"]["params"]
    assert gets(found["gate"])["repo"]["params"]["depth"] == 1


def test_the_commit_in_a_tag_is_loaded_or_spelled_for_docker():
    db = Service("db", image="postgres:16", port=5432)
    p = defined(targets={"concourse": {"services": "docker"}})
    p.test("t", image=f"quay.io/a/b:{ci.sha}", setup="", services=[db])
    p.lint("l", image=f"quay.io/a/b:{ci.sha}", setup="")
    found = jobs(p)
    assert '"quay.io/a/b:$(cat .git/ref)" -ec "$1"' in found["test"]["plan"][-1]["config"]["run"]["args"][1]
    assert found["lint"]["plan"][1] == {"load_var": "sha", "file": "repo/.git/ref", "format": "trim", "reveal": True}
    assert found["lint"]["plan"][2]["config"]["image_resource"]["source"]["tag"] == "((.:sha))"


def test_a_job_of_two_environments_holds_both():
    p = defined()
    made = p.deploy("d", environment=Environment("staging"), outputs="report/")
    p.deploy("d", environment=Environment("production"), needs=[made["report/"]])
    (job,) = jobs(p).values()
    assert job["name"] == "deploy-staging-deploy-production"
    assert job["serial"] is True


def test_artifacts_never_hide_the_tree(tmp_path):
    p = defined()
    made = p.step("echo 1 > a", name="repo", outputs="a")
    p.test("cat a b", needs=[made["a"]])
    worker = Worker(tmp_path)
    worker.has("repo", b="2\n")
    found = tasks(jobs(p)["repo-test"])
    assert worker.run(found["repo"]).returncode == 0
    assert worker.run(found["test"]).stdout == "1\n2\n"


def test_two_images_in_one_plan_have_their_own_names():
    p = defined()
    one = p.build(container("quay.io/a/one", tag=ci.sha), name="one")
    two = p.build(container("quay.io/a/two", tag=ci.sha), name="two")
    p.deploy("d", environment=Environment("production"), needs=[one, two])
    build, put = jobs(p)["two"]["plan"][-1]["do"]
    assert build["output_mapping"] == {"image": "two-image"}
    assert put["params"] == {"image": "two-image/image.tar", "additional_tags": "two-image/tags"}


def test_brackets_in_names_are_an_error_where_nothing_can_cut_them():
    p = defined()
    p.test("t", cache=Cache("((a))/"))
    assert [finding.code for finding in emission(p).diagnostics if finding.level == "error"] == ["PK1408"]
