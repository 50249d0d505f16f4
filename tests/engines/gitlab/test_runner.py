"""What the runner does around a job's script, and what it keeps."""

import pytest

from pipelinekit import Cache, Environment, Pipeline, Secret, ci, on
from pipelinekit.backend.emit import emit
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.suite import setup

from . import project
from .engine import Run
from .happenings import FORK
from .runner import program, seconds, services
from .small import PUSH, REQUEST, Small
from .variables import on_runner, on_server

ROOT = ".gitlab-ci.yml"


def run(p: Pipeline, folder, happening: Happening, **secrets: str) -> Run:
    """A definition's files, set up as its steps say, in one run."""
    plan = p.plan()
    ground = Ground(folder)
    scenario = Scenario(happening.kind, happening)
    ground.begin(plan, scenario)
    ground.secrets = {**ground.secrets, **secrets}
    done = Run(emit(plan, "gitlab").files, project.of(setup(plan, "gitlab")), ground, scenario)
    done.run()
    return done


def printed(done: Run, job: str) -> str:
    return (done.ground.state / "output" / job).read_text()


@pytest.mark.parametrize(
    "text, length", [("90 seconds", 90), ("1 hour 30 minutes", 5400), ("1h 30m", 5400), ("3 days", 259200), ("45", 45)]
)
def test_times(text, length):
    assert seconds(text) == length


@pytest.mark.parametrize("text", ["banana", "1 fortnight", ""])
def test_what_is_no_time(text):
    with pytest.raises(ValueError, match="no time"):
        seconds(text)


@pytest.mark.parametrize("image", ["with bash", "without"])
@pytest.mark.parametrize(
    "items, ends",
    [
        (["false", "true"], "failed"),
        (["false && true", "true"], "success"),
        (["false && true"], "failed"),
        (["export A=1", 'test "$A" = 1', "cd src", "test -e app.py"], "success"),
        (["exit 0", "false"], "success"),
        (["cat", "read line || true"], "success"),
    ],
)
def test_one_shell_for_all_items(tmp_path, items, ends, image):
    small = Small(tmp_path, "a: {script: []}")
    script = ["true", *(items if image == "without" else [': "${BASH_VERSION:?}"', *items])]
    small.files[ROOT] = f"a: {{before_script: {script[:1]!r}, script: {script[1:]!r}}}\n"
    done = small.run()
    assert done.server.pipelines[0].status == ends, small.log("a")


def test_commands_are_told_before_they_run(tmp_path):
    assert "echo '$ echo \"$TOKEN\"'" in program(tmp_path, ['echo "$TOKEN"']).replace("'\"'\"'", "'")
    small = Small(tmp_path, "a:\n  script:\n    - |\n      true\n      false || true\n")
    small.run()
    assert "$ true # collapsed multi-line command" in small.log("a")


def test_a_service_is_reachable_by_its_alias_and_its_images_name():
    wait = {"before_script": ["until nc -z db 5432; do sleep 1; done", "nc -z other 1", "nc -z library-redis 6379"]}
    found = services({"services": [{"name": "postgres:16", "alias": "db"}, "library/redis:7"], **wait, "script": []})
    assert found == ["db:5432", "library-redis:6379"]


def test_artifacts_of_a_failed_job_are_kept_only_if_it_says_so(tmp_path):
    text = (
        "%s: {script: ['mkdir out; echo 1 > out/a; echo 2 > b', 'false'], artifacts: {%s paths: [out/, 'b', .git], reports: {junit: b}}}\n"
    )
    small = Small(tmp_path, text % ("a", "") + text % ("b", "when: always,"))
    done = small.run()
    found = {}
    for each in done.server.pipelines[0].jobs:
        store = done.runner.store(each)
        found[each.name] = sorted(str(path.relative_to(store)) for path in store.rglob("*") if path.is_file())
    assert found == {"a": ["reports/junit/b"], "b": ["archive/b", "archive/out/a", "reports/junit/b"]}


def test_reports_and_kept_files_of_a_stage(tmp_path):
    p = Pipeline("x", image="debian:12-slim")
    p.test("mkdir r; echo x > r/j.xml; echo y > notes.txt; false", reports="r/j.xml", keep="notes.txt", keep_for="30 days")
    done = run(p, tmp_path, PUSH)
    store = done.runner.store(done.server.pipelines[0].jobs[0])
    assert (store / "reports/junit/r/j.xml").read_text() == "x\n"
    assert (store / "archive/notes.txt").read_text() == "y\n"


def test_caches_are_written_on_trunk_and_only_read_in_merge_requests(tmp_path):
    p = Pipeline("x", image="debian:12-slim", triggers=[on.push(), on.pull_request(forks=True)], cache=Cache("c/", key="requirements.lock"))
    p.test("mkdir -p c; ls c; echo x > c/made")
    p.lint("mkdir -p c")
    for name, happening in (("trunk", PUSH), ("request", REQUEST), ("fork", Happening("pull_request", branch="a", fork=True))):
        done = run(p, tmp_path / name, happening)
        assert any((done.ground.work / "caches").rglob("made")) is (name == "trunk"), printed(done, "test")


def test_a_cache_comes_back_while_its_key_is_the_same(tmp_path):
    key = "cache: {key: {files: [requirements.lock]}, paths: [c/]}"
    small = Small(tmp_path, f"a: {{needs: [], script: [mkdir c; echo kept > c/x], {key}}}\nb: {{needs: [a], script: [cat c/x], {key}}}\n")
    assert small.run().server.pipelines[0].status == "success"
    small.files[ROOT] = small.files[ROOT].replace(f"[cat c/x], {key}", "[cat c/x]")
    assert small.run().server.pipelines[0].status == "failed"


def test_secrets_are_for_their_environment_and_for_protected_refs(tmp_path):
    p = Pipeline("x", image="debian:12-slim", triggers=[on.push(), on.pull_request()])
    p.test("echo ${TOKEN:-none} ${KEY:-none}", secrets=[Secret("TOKEN")])
    p.step("echo ${TOKEN:-none}", name="other")
    p.deploy("echo ${KEY:-none}", environment=Environment("production", secrets=[Secret("KEY")]))
    done = run(p, tmp_path / "a", PUSH, TOKEN="t0ken-t0ken", KEY="k3y-k3y-k3y")
    assert printed(done, "test").endswith("t0ken-t0ken none\n")
    assert printed(done, "other").endswith("none\n")
    assert printed(done, "deploy-production").endswith("k3y-k3y-k3y\n")
    done = run(p, tmp_path / "b", REQUEST, TOKEN="t0ken-t0ken", KEY="k3y-k3y-k3y")
    assert printed(done, "test").endswith("t0ken-t0ken none\n")


def test_a_title_shows_a_secret_and_a_branch_with_such_a_name_starts_nothing(tmp_path):
    """Why the facts of outsiders are Unsafe, and names of branches are Weakened."""
    p = Pipeline("x", image="debian:12-slim", triggers=[on.pull_request()])
    p.test(f'echo "{ci.branch}"')
    request = Happening("pull_request", branch="$TOKEN")
    assert run(p, tmp_path / "a", request).server.pipelines == []
    small = Small(tmp_path / "b", "a: {script: ['echo \"$CI_MERGE_REQUEST_TITLE\"']}\n", TOKEN="t0ken-t0ken")
    small.begin(REQUEST)
    event = small.event(REQUEST)
    event.predefined["CI_MERGE_REQUEST_TITLE"] = "fix $TOKEN"  # type: ignore[index]  # a dict, made in this test
    server = small.server()
    server.push(event)
    seen = on_runner(on_server(server.variables(server.ready()[0])), str)
    assert seen["CI_MERGE_REQUEST_TITLE"] == "fix t0ken-t0ken"


def test_a_forks_run_in_its_own_project_has_no_secrets_either(tmp_path):
    """GitLab runs a fork's merge request in the fork unless somebody starts it in the project: the same jobs, no variable of ours."""
    p = Pipeline("x", image="debian:12-slim", triggers=[on.pull_request(forks=True)])
    p.test("t")
    p.step("s", name="upload", secrets=[Secret("TOKEN")])
    plan = p.plan()
    fork = Happening("pull_request", branch="a", fork=True)
    small = Small(tmp_path, emit(plan, "gitlab").files[ROOT])
    small.begin(fork)
    event = small.event(fork)
    event.predefined["CI_PROJECT_PATH"] = FORK  # type: ignore[index]  # a dict, made in this test
    server = small.server()
    server.push(event)
    assert [job.name for job in server.ready()] == ["test"]


def test_files_of_a_job_that_is_not_there_fail_what_asks_for_them(tmp_path):
    text = "go: {variables: {PARENT: $CI_PIPELINE_ID}, trigger: {include: [{local: child.yml}], strategy: depend}}\n"
    child = "a: {needs: [{pipeline: $PARENT, job: nobody}], script: 'true'}\n"
    done = Small(tmp_path, text, {"child.yml": child}).run()
    assert done.server.pipelines[1].jobs[0].reason == "missing_dependency"


def test_unknown_commands_of_the_setup_are_refused():
    for command in ("glab ci run", "kubectl apply", "glab variable set A --colour red", "glab variable set A --masked --type file"):
        with pytest.raises(project.UnknownCommand):
            project._obey(project.Project(), command)
