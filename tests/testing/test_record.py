"""From the record to a trace: attempts, jobs that nobody saw, container builds, secrets, leaks."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from pipelinekit.model.plan import Cache, Container, Need, Secret, Service
from pipelinekit.semantics.agreement import differences
from pipelinekit.semantics.interpreter import prepare, simulate
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.semantics.trace import Command, Gate, JobEnd, JobSkip, JobStart, RunEnd, RunStart, read, write
from pipelinekit.testing.record import UNKNOWN
from pipelinekit.testing.watch import leaks
from tests.testing.hand import Hand, plan, stage

PUSH = Scenario("push")


def failing(job: str, index: int = 0, attempts: int | None = None, **how: object) -> Scenario:
    return Scenario("push", failures=(Failure(job, index, attempts=attempts, **how),))  # type: ignore[arg-type]  # what a row of a test gives


def loop(script: str, times: int) -> str:
    """A script that tries another up to so many times, each in a process of its own, as a translation without retries would."""
    tries = "n=0\nuntil sh -ec '{script}'; do\nn=$((n + 1))\n[ $n -lt {times} ] || exit 1\ndone\n"
    return tries.format(script=script.replace("'", "'\\''"), times=times)


# What the probe saw.


def test_a_script_that_was_cut_short_has_not_run_its_last_command(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", "echo last")))
    assert hand.job("test", script=hand.script("test").rpartition("echo last")[0]) == 0
    assert hand.commands("test") == [(1, 0, 0), (1, 1, UNKNOWN)]


def test_a_command_that_leaves_the_shell_is_the_last(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "exit 0", "false")))
    assert hand.job("test") == 0
    assert hand.commands("test") == [(1, 0, 0)]


def test_files_of_the_commit_that_are_not_there_are_told(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true")))
    tree = hand.tree()
    (tree / "README.md").unlink()
    hand.job("test", tree=tree)
    assert [start.lacks for start in hand.starts("test")] == [("README.md",)]


# Attempts.


def test_retries_inside_of_the_script_are_attempts(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", "echo x >x", retries=2, outputs=("x",))), failing("test", 1, attempts=2))
    assert hand.job("test", script=loop(hand.script("test"), 3)) == 0
    assert [start.attempt for start in hand.starts("test")] == [1, 2, 3]
    assert [(end.attempt, end.outcome, set(end.outputs)) for end in hand.ends("test")] == [
        (1, "failed", set()),
        (2, "failed", set()),
        (3, "passed", {"x"}),
    ]
    assert hand.commands("test") == [(1, 0, 0), (1, 1, 1), (2, 0, 0), (2, 1, 1), (3, 0, 0), (3, 1, 0)]


def test_retries_inside_of_the_script_may_all_fail(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", retries=1)), failing("test"))
    assert hand.job("test", script=loop(hand.script("test"), 2)) == 1
    assert [(end.attempt, end.outcome) for end in hand.ends("test")] == [(1, "failed"), (2, "failed")]


def test_retries_of_the_engine_are_attempts(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "echo x >x", retries=1, outputs=("x",))), failing("test", attempts=1))
    hand.job("test")
    hand.job("test")
    assert [(end.attempt, end.outcome, set(end.outputs)) for end in hand.ends("test")] == [(1, "failed", set()), (2, "passed", {"x"})]


def test_an_engine_may_count_attempts_by_their_end_alone(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", retries=1)), failing("test", attempts=1))
    hand.ground.job_start("test")
    hand.attempt("test")
    hand.ground.job_end("test", "failed")
    hand.attempt("test")
    hand.ground.job_end("test", "passed")
    assert [(end.attempt, end.outcome) for end in hand.ends("test")] == [(1, "failed"), (2, "passed")]


def test_both_kinds_of_retries_agree_with_the_interpreter(tmp_path: Path) -> None:
    given, scenario = plan(stage("test", "true", retries=2)), failing("test", attempts=2)
    for number, inside in enumerate((True, False)):
        hand = Hand(tmp_path / str(number), given, scenario)
        if inside:
            hand.job("test", script=loop(hand.script("test"), 3))
        else:
            for _ in range(3):
                hand.job("test")
        hand.ground.run_end("passed")
        run = prepare(given, scenario, hand.ground.world)
        assert differences(run, simulate(given, scenario, hand.ground.world), hand.trace()) == ()


def test_a_job_that_nobody_ends_has_no_end(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true")))
    hand.ground.job_start("test")
    hand.attempt("test")
    assert len(hand.starts("test")) == 1
    assert hand.ends("test") == []


def test_lines_of_jobs_at_the_same_time_stay_apart(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("one", "true", "true"), stage("two", "true", "true")))
    hand.ground.job_start("one")
    hand.ground.job_start("two")
    both = f"( {hand.script('one')} ) & ( {hand.script('two')} ) & wait"
    hand.attempt("one", script=both)
    hand.ground.job_end("two", "passed")
    hand.ground.job_end("one", "passed")
    assert hand.commands("one") == hand.commands("two") == [(1, 0, 0), (1, 1, 0)]
    assert [line.job for line in hand.trace() if isinstance(line, JobEnd)] == ["two", "one"]


def test_an_attempt_begins_where_its_probe_does(tmp_path: Path) -> None:
    """An engine may say that a job starts long before it does; its order is that of its commands."""
    hand = Hand(tmp_path, plan(stage("one", "true"), stage("two", "true")))
    hand.ground.job_start("two")
    hand.job("one")
    hand.attempt("two")
    hand.ground.job_end("two", "passed")
    assert [line.job for line in hand.trace() if isinstance(line, JobStart)] == ["one", "two"]


# Jobs of which the probe sees nothing.


def test_a_job_that_fails_before_its_first_command(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true")))
    hand.ground.job_start("test")
    hand.ground.job_end("test", "failed")
    assert [(start.attempt, start.seen) for start in hand.starts("test")] == [(1, False)]
    assert [(end.attempt, end.outcome) for end in hand.ends("test")] == [(1, "failed")]


def test_a_job_that_its_filter_ends(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("docs", "true", only_if=("docs/**",))))
    hand.ground.job_start("docs")
    hand.ground.job_end("docs", "passed")
    assert [line for line in hand.trace() if isinstance(line, JobSkip)] == [JobSkip("docs", "unchanged")]
    assert hand.starts("docs") == []


def test_a_job_that_the_engine_skips(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("one", "true"), stage("two", "true")))
    hand.ground.job_skip("one", "need")
    hand.ground.job_skip("two")
    assert [line for line in hand.trace() if isinstance(line, JobSkip)] == [JobSkip("one", "need"), JobSkip("two", "unknown")]


def test_a_job_that_nobody_speaks_of(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true")))
    hand.ground.run_end("nothing")
    kinds = [type(line) for line in hand.trace()]
    assert kinds == [RunStart, RunEnd]


def test_gates_and_the_end_stand_in_the_order_of_time(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("one", "true"), stage("two", "true")))
    hand.job("one")
    hand.ground.gate("gate", "approved")
    hand.ground.run_end("passed")
    hand.job("two")
    told = [type(line) for line in hand.trace()]
    assert told == [RunStart, JobStart, Command, JobEnd, Gate, JobStart, Command, JobEnd, RunEnd]


def test_a_trace_of_a_record_can_be_written_and_read(tmp_path: Path) -> None:
    hand = Hand(
        tmp_path, plan(stage("test", "true", "false", variables=(("A", "é\n"),))), Scenario("x", Happening("pull_request", branch="f"))
    )
    hand.job("test")
    hand.ground.run_end("failed")
    assert tuple(read(write([hand.trace()]))) == (hand.trace(),)


# What a job sees.


def test_inputs_have_the_hash_of_the_outputs(tmp_path: Path) -> None:
    made = stage("make", "mkdir -p dist; echo x >dist/x; echo y >y", outputs=("dist/", "y"))
    hand = Hand(tmp_path, plan(made, stage("take", "true", needs=(Need("make", ("dist/", "y")),))))
    tree = hand.tree()
    hand.job("make", tree=tree)
    hand.job("take", tree=tree)
    assert hand.starts("take")[0].inputs == hand.ends("make")[0].outputs
    assert hand.starts("take")[0].extra == ()


def test_files_of_caches_are_nothing_strange(tmp_path: Path) -> None:
    cached = stage("test", "true", caches=(Cache((".cache",)),))
    hand = Hand(tmp_path, plan(cached, stage("other", "true")))
    tree = hand.tree()
    (tree / ".cache").mkdir()
    (tree / ".cache" / "wheel").write_text("x")
    (tree / ".cached").write_text("x")
    hand.job("test", tree=tree)
    assert hand.starts("test")[0].extra == (".cached",)


def test_services_are_told_once(tmp_path: Path) -> None:
    hand = Hand(
        tmp_path, plan(stage("test", "true", services=(Service("db", "postgres:16", 5432),), retries=1)), failing("test", attempts=1)
    )
    for _ in range(2):
        hand.ground.job_start("test", ["db:5432"])
        hand.ground.job_end("test", "failed" if hand.attempt("test") else "passed")
    assert [start.services for start in hand.starts("test")] == [("db:5432",), ("db:5432",)]


NAMED = (Secret("TOKEN", "STORED"), Secret("MAYBE", "MAYBE", optional=True))


def seen(hand: Hand, **env: str) -> dict[str, str]:
    hand.job("test", **env)
    return hand.starts("test")[0].secrets


def test_a_secret_is_present_wrong_or_absent(tmp_path: Path) -> None:
    given = plan(stage("test", "true", secrets=NAMED))
    right = Hand(tmp_path / "1", given)
    assert seen(right, TOKEN=right.ground.secrets["STORED"]) == {"TOKEN": "present"}
    assert right.starts("test")[0].absent == ("MAYBE",)
    other = Hand(tmp_path / "2", given)
    assert seen(other, TOKEN=other.ground.secrets["MAYBE"]) == {"TOKEN": "wrong"}
    assert seen(Hand(tmp_path / "3", given), TOKEN="", MAYBE="") == {}
    lacking = Hand(tmp_path / "4", given, Scenario("x", missing=("STORED",)))
    assert seen(lacking, TOKEN="of somewhere else") == {"TOKEN": "wrong"}


def test_a_secret_of_another_job_is_seen(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true"), stage("deploy", "true", secrets=NAMED)))
    assert seen(hand, TOKEN=hand.ground.secrets["STORED"]) == {"TOKEN": "present"}
    run = prepare(plan(stage("test", "true"), stage("deploy", "true", secrets=NAMED)), PUSH, hand.ground.world)
    found = differences(run, simulate(run.plan, PUSH, hand.ground.world), hand.trace())
    assert [(each.kind, each.job) for each in found if each.kind == "leak"] == [("leak", "test")]


def test_a_variable_called_like_the_secret_of_another_job_is_a_variable(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", variables=(("TOKEN", "public"),)), stage("deploy", "true", secrets=NAMED)))
    assert seen(hand) == {}
    assert hand.starts("test")[0].env == {"TOKEN": "public"}


# Container builds.

IMAGE = Container("acme/app", ("${PK_SHA}", "latest"))


def built(tmp_path: Path, scenario: Scenario = PUSH, **options: object) -> Hand:
    made = stage("make", "mkdir -p dist; echo x >dist/x", outputs=("dist/",))
    return Hand(tmp_path, plan(made, stage("build", container=IMAGE, needs=(Need("make", ("dist/",)),), **options)), scenario)


def test_a_container_build_is_one_command(tmp_path: Path) -> None:
    hand = built(tmp_path)
    tree = hand.tree()
    hand.job("make", tree=tree)
    hand.ground.job_start("build")
    assert hand.ground.image("build", "build", context=tree) == 0
    for tag in ("abc", "latest"):
        hand.ground.image("build", "push", f"acme/app:{tag}")
    hand.ground.job_end("build", "passed")
    assert [line for line in hand.trace() if isinstance(line, Command) and line.job == "build"] == [
        Command("build", 0, 0, 1, ("acme/app:abc", "acme/app:latest"))
    ]
    assert hand.starts("build")[0].inputs == hand.ends("make")[0].outputs
    assert hand.ends("build") == [JobEnd("build", "passed", 1)]


def test_a_container_build_that_fails(tmp_path: Path) -> None:
    hand = built(tmp_path, failing("build", status=4))
    hand.ground.job_start("build")
    assert hand.ground.image("build", "build") == 4
    hand.ground.job_end("build", "failed")
    assert hand.commands("build") == [(1, 0, 4)]
    assert hand.ends("build") == [JobEnd("build", "failed", 1)]


def test_a_container_build_that_is_tried_again(tmp_path: Path) -> None:
    hand = built(tmp_path, failing("build"), retries=1)
    hand.ground.job_start("build")
    hand.ground.image("build", "build")
    hand.ground.image("build", "build")
    hand.ground.job_end("build", "failed")
    assert hand.commands("build") == [(1, 0, 1), (2, 0, 1)]
    assert [(end.attempt, end.outcome) for end in hand.ends("build")] == [(1, "failed"), (2, "failed")]


def test_a_container_build_without_a_secret_of_its_registry(tmp_path: Path) -> None:
    hand = built(tmp_path)
    hand.ground.job_start("build")
    hand.ground.job_end("build", "failed")
    assert [start.seen for start in hand.starts("build")] == [False]


# Leaks.


@pytest.mark.parametrize("wrapped", ["{}", "token={};", "{}\n", "\x1b[1m{}\x1b[0m"])
@pytest.mark.parametrize("encoded", [False, True])
def test_a_printed_secret_is_found(tmp_path: Path, wrapped: str, encoded: bool) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", secrets=NAMED)))
    secret = hand.ground.secrets["STORED"]
    text = base64.b64encode(secret.encode()).decode() if encoded else secret
    hand.ground.output("engine", wrapped.format(text))
    assert leaks(hand.ground) == ["STORED"]


def test_what_the_job_itself_prints_is_looked_at(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", 'echo "$TOKEN" | base64 -w 0; echo', secrets=NAMED)))
    hand.job("test", TOKEN=hand.ground.secrets["STORED"])
    assert leaks(hand.ground) == ["STORED"]


@pytest.mark.parametrize("before", ["", "u:", "me:", "you:"])
@pytest.mark.parametrize("after", ["", "\n", " :x", "1234"])
def test_a_secret_in_the_middle_of_something_encoded_is_found(tmp_path: Path, before: str, after: str) -> None:
    hand = Hand(tmp_path, plan(stage("test", "true", secrets=NAMED)))
    secret = hand.ground.secrets["STORED"]
    hand.ground.output("engine", base64.b64encode(f"{before}{secret}{after}".encode()).decode())
    assert leaks(hand.ground) == ["STORED"]


def test_what_nobody_printed_is_no_leak(tmp_path: Path) -> None:
    hand = Hand(tmp_path, plan(stage("test", "echo STORED MAYBE; echo sentinel-", secrets=NAMED)))
    hand.job("test", TOKEN=hand.ground.secrets["STORED"])
    assert leaks(hand.ground) == []
