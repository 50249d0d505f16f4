"""Steps, variables and builds: each rule as Concourse's source has it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from pipelinekit.semantics.scenario import Failure, Scenario
from pipelinekit.testing.ground import git

from .builds import Running
from .git_resource import Git
from .meeting import Meeting
from .pipeline import Refused, StepError, of, read, seconds
from .serve import GET, REPO, job, said, serve, server, statuses, task
from .server import Server
from .variables import Scope, coerced, interpolate, names

INPUT = [{"name": "repo"}]


def test_a_task_works_beside_its_inputs_and_outputs(tmp_path):
    """`containerSpec` in `atc/exec/task_step.go`: nothing else is there."""
    look = task("look", "echo * && test -s repo/README.md", inputs=INPUT, outputs=[{"name": "made"}])
    assert said(serve(tmp_path, job("test", GET, look))) == ["made repo"]


def test_what_a_task_leaves_in_an_input_nobody_sees(tmp_path):
    """Each container has a copy of a volume of its own."""
    plan = [GET, task("one", "touch repo/left", inputs=INPUT), task("two", "test ! -e repo/left", inputs=INPUT)]
    assert statuses(serve(tmp_path, job("test", *plan))) == {"test": ["succeeded"]}


def test_outputs_are_handed_on_under_their_names(tmp_path):
    """`registerOutputs`, mappings included; a failed task's are there for its hooks."""
    one = task("one", "echo text > made/file", outputs=[{"name": "made"}], output_mapping={"made": "given"})
    two = task("two", "cat taken/file", inputs=[{"name": "taken"}], input_mapping={"taken": "given"})
    assert said(serve(tmp_path, job("test", GET, one, two))) == ["text"]


def test_a_missing_input_errors_which_is_no_failure(tmp_path):
    """`MissingInputsError`; `on_error.go`, `on_failure.go`. An optional one is left out."""
    hooks = {name: task(name.replace("_", "-"), f"echo {name}") for name in ("on_failure", "on_error", "ensure")}
    optional = task("one", "test ! -e gone", inputs=[{"name": "gone", "optional": True}])
    missing = task("two", "true", inputs=[{"name": "gone"}])
    found = unchecked(tmp_path, job("test", GET, optional, missing, **hooks))
    assert (statuses(found), said(found)) == ({"test": ["errored"]}, ["on_error", "ensure", "missing inputs: gone"])


@pytest.mark.parametrize(
    ("script", "status", "hooks"),
    [("true", "succeeded", ["on_success", "ensure"]), ("exit 3", "failed", ["on_failure", "ensure"])],
)
def test_hooks_follow_the_end_of_a_step(tmp_path, script, status, hooks):
    """`on_success.go`, `on_failure.go`, `ensure_step.go`."""
    all_hooks = {name: task(name.replace("_", "-"), f"echo {name}") for name in ("on_success", "on_failure", "on_error", "ensure")}
    found = serve(tmp_path, job("test", GET, task("one", script, **all_hooks)))
    assert (statuses(found)["test"], said(found)) == ([status], hooks)


def test_a_failing_hook_counts_where_it_must_run(tmp_path):
    """`ensure` needs both; what `on_failure` comes to changes nothing."""
    ensured = job("test", GET, task("one", "true", ensure=task("two", "false")))
    other = job("other", GET, task("one", "false", on_failure=task("two", "false")))
    assert statuses(serve(tmp_path, ensured, other)) == {"test": ["failed"], "other": ["failed"]}


def test_a_variable_that_nobody_knows_errors(tmp_path):
    """`UndefinedVarsError` in `vars/template.go`: before anything of the task runs; its hook is that of errors."""
    hooks = {"on_failure": task("failure", "echo failure"), "on_error": task("error", "echo error")}
    found = serve(tmp_path, job("test", GET, task("one", "echo ran", params={"A": "((nobody))"}), **hooks))
    assert statuses(found)["test"] == ["errored"]
    assert said(found) == ["error", "undefined vars: nobody"]


def test_try_forgives_failures_and_errors(tmp_path):
    """`try_step.go`."""
    plan = [{"try": task("one", "false")}, {"try": task("two", "true", params={"A": "((nobody))"})}, task("three", "echo on")]
    found = serve(tmp_path, job("test", GET, *plan))
    assert (statuses(found)["test"], said(found)[-1]) == (["succeeded"], "on")


def test_attempts_are_all_of_them_and_each_has_a_fresh_container(tmp_path):
    """`retry_step.go`; `VisitRetry` in `atc/builds/planner.go` makes a plan for each."""
    count = task(
        "one",
        f"echo try; test ! -e repo/left; touch repo/left; echo x >> {tmp_path}/tries; test $(wc -l < {tmp_path}/tries) = 3",
        attempts=3,
        inputs=INPUT,
    )
    found = serve(tmp_path, job("test", GET, count))
    assert (statuses(found)["test"], said(found)) == (["succeeded"], ["try"] * 3)


def test_steps_side_by_side_all_end_before_the_failure_counts(tmp_path):
    """`parallelExecutor` in `in_parallel.go`."""
    steps = [task("one", "false"), task("two", "sleep 0.1; echo two")]
    found = serve(tmp_path, job("test", GET, {"in_parallel": steps}, task("after", "echo after")))
    assert (statuses(found)["test"], said(found)) == (["failed"], ["two"])


def test_fail_fast_ends_the_others(tmp_path):
    steps = [task("one", "false"), task("two", "sleep 5; echo two")]
    found = serve(tmp_path, job("test", GET, {"in_parallel": {"steps": steps, "fail_fast": True}}))
    assert (statuses(found)["test"], said(found)) == (["failed"], [])


def test_a_limit_is_kept(tmp_path):
    steps = [task(name, f"mkdir {tmp_path}/held; sleep 0.05; rmdir {tmp_path}/held") for name in ("one", "two", "three")]
    assert statuses(serve(tmp_path, job("test", GET, {"in_parallel": {"steps": steps, "limit": 1}})))["test"] == ["succeeded"]


def across(values: list[Any], **more: Any) -> dict[str, Any]:
    return {"across": [{"var": "python", "values": values} | more]}


def test_across_runs_every_value_one_after_the_other(tmp_path):
    """`across_step.go`: `max_in_flight` is 1 unless it says otherwise; a failure doesn't keep the rest from running."""
    step = across(["3.9", "3.10"]) | task("test-((.:python))", 'echo "$V"; false', params={"V": "((.:python))"})
    found = serve(tmp_path, job("test", GET, step))
    assert (statuses(found)["test"], said(found)) == (["failed"], ["3.9", "3.10"])


def test_a_number_is_no_text(tmp_path):
    """A lone variable keeps its type (`interpolationAnchoredRegex`), and a param's number loses its spelling (`CoercedString`)."""
    found = serve(tmp_path, job("test", GET, across([3.10]) | task("one", 'echo "$V"', params={"V": "((.:python))"})))
    assert said(found) == ["3.1"]


def test_what_is_made_across_is_not_seen_after_it(tmp_path):
    """`NewLocalScope` of `atc/exec/build/repository.go`."""
    made = across(["a"]) | task("one", "touch made/file", outputs=[{"name": "made"}])
    found = unchecked(tmp_path, job("test", GET, made, task("two", "true", inputs=[{"name": "made"}])))
    assert statuses(found) == {"test": ["errored"]}


def unchecked(tmp_path: Path, *jobs: Any) -> Server:
    """The reader refuses what only a build notices: so the pipeline is put in behind its back."""
    found = server(tmp_path, job("none", GET))
    found.pipeline = of({"resources": [REPO], "jobs": list(jobs)})
    found.run()
    return found


def test_a_job_without_its_version_waits(tmp_path):
    """Waiting for "a suitable set of input versions": a job that failed lets nothing pass."""
    first = job("first", GET, task("one", "false"))
    second = job("second", GET | {"passed": ["first"]}, task("two", "true"))
    assert statuses(serve(tmp_path, first, second)) == {"first": ["failed"]}


def test_a_time_that_is_over_fails_the_step_and_ends_all_that_runs_in_it(tmp_path):
    """`TimeoutLogMessage` in `task_step.go`: false, without an error; so `on_failure` runs."""
    scenario = Scenario("push", failures=(Failure("slow", kind="hang"),))
    probe = tmp_path / "bin/pk-probe"
    slow = task(
        "slow",
        f"echo $$ > {tmp_path}/shell; {probe} start; {probe} at slow 0; {probe} done slow; :",
        timeout="1h",
        on_failure=task("late", "echo late"),
    )
    found = serve(tmp_path, job("test", GET, slow), scenario=scenario)
    assert (statuses(found)["test"], said(found)) == (["failed"], ["late"])
    assert not is_running((tmp_path / "shell").read_text().strip())


def test_a_step_without_a_bound_never_ends(tmp_path):
    scenario = Scenario("push", failures=(Failure("slow", kind="hang"),))
    probe = tmp_path / "bin/pk-probe"
    found = serve(tmp_path, job("test", GET, task("slow", f"{probe} start; {probe} at slow 0; :")), scenario=scenario)
    assert statuses(found)["test"] == ["started"]
    assert "run.end" not in found.ground.log.read_text()


def test_a_task_is_told_nothing_of_its_build(tmp_path):
    """`TaskEnv` in `atc/exec/step_metadata.go`."""
    found = serve(tmp_path, job("test", GET, task("one", "env", params={"A": True, "B": None, "C": {"d": 1}})))
    seen = dict(line.split("=", 1) for line in said(found))
    assert {name: seen[name] for name in ("A", "B", "C")} == {"A": "true", "B": "", "C": '{"d":1}'}
    assert not [name for name in seen if name.startswith("BUILD_")]


def test_a_terminal_is_attached(tmp_path):
    """`TTYSpec` in `task_step.go`: a command that reads would wait for somebody to type."""
    assert said(serve(tmp_path, job("test", GET, task("one", "test -t 0 && echo terminal")))) == ["terminal"]


def test_a_cache_is_kept_for_one_task_of_one_job(tmp_path):
    """`registerCaches`; it hides what the input has there."""
    keep = {"caches": [{"path": "repo/src"}], "inputs": INPUT}
    plan = [
        task("one", "test ! -e repo/src/app.py; touch repo/src/kept", **keep),
        task("one", "test -e repo/src/kept", **keep),
        task("two", "test ! -e repo/src/kept", **keep),
    ]
    assert statuses(serve(tmp_path, job("test", GET, *plan)))["test"] == ["succeeded"]


def test_builds_of_a_serial_group_never_overlap(tmp_path):
    """`isMaxInFlightReached` in `atc/db/job.go`."""
    hold = task("hold", f"mkdir {tmp_path}/held; sleep 0.1; rmdir {tmp_path}/held")
    jobs = [job(name, GET, hold, serial_groups=["gpu"]) for name in ("one", "two", "three")]
    assert set(map(tuple, statuses(serve(tmp_path, *jobs)).values())) == {("succeeded",)}


def test_a_job_that_nothing_triggers_waits_for_a_person(tmp_path):
    """`ensurePendingBuildExists` in `atc/scheduler/scheduler.go`."""
    asked = job("gate", {"get": "repo", "passed": ["test"]})
    after = job("after", GET | {"passed": ["gate"]})
    first = job("test", GET)
    assert set(statuses(serve(tmp_path / "yes", first, asked, after))) == {"test", "gate", "after"}
    found = serve(tmp_path / "no", first, asked, after, scenario=Scenario("push", rejected=("gate",)))
    assert set(statuses(found)) == {"test"}


def test_a_file_becomes_a_variable(tmp_path):
    """`load_var_step.go`: by its ending, or by `format`."""
    made = task("one", "echo ' text ' > made/plain; echo '{\"a\": 1}' > made/data.json", outputs=[{"name": "made"}])
    loads = [{"load_var": "plain", "file": "made/plain"}, {"load_var": "data", "file": "made/data.json"}]
    found = serve(tmp_path, job("test", GET, made, *loads, task("two", 'echo "[$P] $D"', params={"P": "((.:plain))", "D": "((.:data.a))"})))
    assert said(found) == ["[text] 1"]


def test_a_task_file_is_one_of_an_artifact(tmp_path):
    made = task("one", "cp repo/src/app.py made/app.py", inputs=INPUT, outputs=[{"name": "made"}])
    found = serve(tmp_path, job("test", GET, made, {"load_var": "gone", "file": "made/gone"}))
    assert said(found)[-1] == "file 'gone' not found within artifact 'made'"


def test_a_pipeline_is_looked_at_before_it_is_set(tmp_path):
    """`set_pipeline_step.go`: what is invalid fails the step."""
    made = task("one", "echo 'jobs: []' > made/pipeline.yml", outputs=[{"name": "made"}])
    found = serve(tmp_path, job("test", GET, made, {"set_pipeline": "self", "file": "made/pipeline.yml"}))
    assert statuses(found)["test"] == ["failed"]


def test_a_file_that_the_server_refuses_runs_nothing(tmp_path):
    with pytest.raises(Refused, match="unknown resource"):
        serve(tmp_path, job("test", {"get": "nobody"}))
    with pytest.raises(Refused, match="0 pipelines"):
        read({})


def test_an_image_must_have_a_name(tmp_path):
    bad = task("one", "true")
    bad["config"]["image_resource"]["source"] = {"repository": "busybox", "tag": "${PK_SHA}"}
    found = serve(tmp_path, job("test", GET, bad))
    assert (statuses(found)["test"], "a tag can't be" in said(found)[0]) == (["errored"], True)


@pytest.mark.parametrize(("run", "words"), [({"dir": "gone"}, "working directory"), ({"path": "no-such-program"}, "exec failed")])
def test_a_process_that_cannot_start_errors(tmp_path, run, words):
    bad = task("one", "true")
    bad["config"]["run"] |= run
    found = serve(tmp_path, job("test", GET, bad))
    assert (statuses(found)["test"], words in " ".join(said(found))) == (["errored"], True)


def test_tasks_that_may_run_side_by_side_do(tmp_path):
    """Of two jobs and of one: none ends before the others have begun, however quick it is."""
    jobs = [job(name, GET, {"in_parallel": [task("one", "true"), task("two", "true")]}) for name in ("a", "b")]
    found = server(tmp_path, *jobs)
    told: list[str] = []

    class Told(Meeting):
        def begun(self) -> None:
            told.append("begun")
            super().begun()

        def over(self) -> None:
            super().over()
            told.append("over")

    found.meeting = Told()
    found.run()
    assert told == ["begun"] * 4 + ["over"] * 4


def test_durations():
    assert [seconds(text) for text in ("90s", "1h30m", "1.5m", "2ms")] == [90, 5400, 90, 0.002]
    for bad in ("", "5x", "10"):
        with pytest.raises(StepError, match="invalid duration"):
            seconds(bad)


def test_variables():
    """`interpolationRegex` in `vars/template.go`: there is no escape, and no blank."""
    assert names("((a)) $((b)) ((c-d/e.f)) (( g )) ((h+1)) ((src:i)) ((.:j)) ((é))") == ["a", "b", "c-d/e.f", "src:i", ".:j", "é"]
    scope = Scope({"key": "value"}, {"number": 3, "table": {"a": {"b": "deep"}}})
    assert interpolate({"((key))": ["x((.:number))", "((.:number))"]}, scope) == {"value": ["x3", 3]}
    assert interpolate("((.:table.a.b))", scope) == "deep"
    assert interpolate("((.:table))", scope) == {"a": {"b": "deep"}}
    assert interpolate("((nobody))", scope, all_known=False) == "((nobody))"
    assert scope.inner().look(".", "number", []) == 3
    for bad in ("((nobody))", "((vault:x))", "((key.field))", "in ((.:table))"):
        with pytest.raises(StepError):
            interpolate(bad, scope)


def test_params_are_texts():
    assert [coerced(each) for each in ("3.10", 3.10, 1, True, None, [1])] == ["3.10", "3.1", "1", "true", "", "[1]"]


def test_nothing_is_left_running(tmp_path):
    """A container ends with its first process."""
    (number,) = said(serve(tmp_path, job("test", GET, task("one", "sleep 60 & echo $!"))))
    assert not is_running(number)


def is_running(number: str) -> bool:
    """Whether a process is there and no zombie, a moment after it was to end."""
    stat = Path(f"/proc/{number}/stat")
    for _ in range(100):
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return False
        time.sleep(0.02)
    return True


class TwoPushes(Server):
    """A second commit is pushed when the first one's tests have begun."""

    pushed = False

    def _run(self, running: Running) -> None:
        if not self.pushed:
            self.pushed = True
            self.world.overtake("main")
            git(self.ground.repository, "update-ref", "refs/heads/main", self.ground.commits["newer"])
            with self.lock:
                self.database.save("repo", *Git().check(self.world, REPO["source"], self.database.latest("repo")))
            self.wake()
        super()._run(running)


@pytest.mark.parametrize(("slow", "delivered"), [("one", ["two"]), ("two", ["one", "two"])])
def test_an_older_commit_never_comes_after_a_newer_one(tmp_path, slow, delivered):
    """The newest build that has passed is looked at first: the tests of one commit wait here until the other is delivered."""
    wait = f"if grep -q {slow} repo/CHANGES; then until test -e {tmp_path}/shipped; do sleep 0.02; done; fi"
    first = job("test", GET, task("one", wait, inputs=INPUT))
    ship = job("deploy", GET | {"passed": ["test"]}, task("ship", f"cat repo/CHANGES; touch {tmp_path}/shipped", inputs=INPUT), serial=True)
    found = serve(tmp_path, first, ship, kind=TwoPushes)
    assert said(found, "deploy") == delivered
    assert statuses(found)["test"] == ["succeeded"] * 2
