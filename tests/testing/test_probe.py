"""The probe: what it says of a job is true, whatever shell runs the job and whatever shell runs the probe."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from pipelinekit.backend import registry
from pipelinekit.backend.emit import emit
from pipelinekit.model.features import facts, uses
from pipelinekit.model.plan import Axis, Plan, Secret
from pipelinekit.model.value import replace
from pipelinekit.semantics.scenario import Failure, Scenario
from pipelinekit.semantics.selection import select
from pipelinekit.testing.probe import instrument
from pipelinekit.text import script
from tests import golden_cases
from tests.readers.engines import require
from tests.testing.hand import PASSING, SHELLS, Hand, missing, plan, stage

INTERPRETERS = {"dash": "/usr/bin/dash", "bash": "/usr/bin/bash", "busybox": "/usr/bin/busybox sh"}
HOSTILE = {
    "EMPTY": "",
    "SPACES": "  two  ",
    "TAB": "\t",
    "LINES": "one\ntwo\n\n",
    "RETURN": "a\r\nb",
    "DOLLAR": "$HOME ${HOME} $(date) `date` $$",
    "QUOTES": "'single' \"double\" \\\\ \\n %s %%",
    "EQUALS": "a=b=c=",
    "GLOB": "* ? [a-z] ~ !x",
    "OTHERS": "grüße 漢字 🚀",
    "LONG": "0123456789" * 2000,
    "WORDS": "; rm -rf / & exit 3 # no | >x",
}

Begin = Callable[..., Hand]
PAIRS = [("dash", "dash"), ("bash", "dash"), ("busybox", "dash"), ("dash", "bash"), ("dash", "busybox")]


@pytest.fixture(params=PAIRS, ids="-probe-in-".join)
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A shell for jobs and one for the probe."""
    shell, probe = request.param
    require(missing(shell))
    require(missing(probe))
    return shell, probe


@pytest.fixture
def begin(pair: tuple[str, str], tmp_path: Path) -> Begin:
    """`begin(plan, scenario)` is a Hand with these shells."""

    def made(given: Plan, scenario: Scenario = PASSING) -> Hand:
        hand = Hand(tmp_path, given, scenario, interpreter=INTERPRETERS[pair[1]])
        attempt = hand.attempt
        hand.attempt = lambda name, **how: attempt(name, **{"shell": SHELLS[pair[0]], **how})  # type: ignore[method-assign]  # the same hand, with another shell
        return hand

    return made


def test_the_environment_is_byte_equal(begin: Begin) -> None:
    hand = begin(plan(stage("test", "true", variables=tuple(HOSTILE.items()))))
    assert hand.job("test") == 0
    assert hand.starts("test")[0].env == HOSTILE


def test_the_environment_is_that_of_the_start(begin: Begin) -> None:
    hand = begin(plan(stage("test", "export WHO=after", "NEW=1; export NEW", variables=(("WHO", "before"),))))
    hand.job("test")
    assert hand.starts("test")[0].env == {"WHO": "before"}


def test_names_that_are_not_there_are_absent(begin: Begin) -> None:
    hand = begin(plan(stage("one", "true", variables=(("A", "1"),)), stage("two", "true", variables=(("B", "2"),))))
    hand.job("one")
    hand.job("two", A="leaked")
    assert (hand.starts("one")[0].env, hand.starts("one")[0].absent) == ({"A": "1"}, ("B",))
    assert (hand.starts("two")[0].env, hand.starts("two")[0].absent) == ({"A": "leaked", "B": "2"}, ())


def test_commands_are_counted_over_setup_and_commands(begin: Begin) -> None:
    hand = begin(plan(stage("test", "true", "cd /", "if true; then\n  :\nfi", "echo x | cat", setup=("PATH=$PATH; x() { :; }", "x"))))
    assert hand.job("test") == 0
    assert hand.commands("test") == [(1, index, 0) for index in range(6)]
    assert hand.ends("test")[0].outcome == "passed"


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_command_that_is_to_fail_ends_the_job(begin: Begin, index: int) -> None:
    hand = begin(plan(stage("test", "true", "true", setup=("true",))), Scenario("x", failures=(Failure("test", index, status=78),)))
    assert hand.job("test") == 78
    assert hand.commands("test") == [*((1, before, 0) for before in range(index)), (1, index, 78)]


def test_a_command_that_fails_of_itself_is_seen(begin: Begin) -> None:
    hand = begin(plan(stage("test", "true", "false", "true")))
    assert hand.job("test") != 0
    assert hand.commands("test") == [(1, 0, 0), (1, 1, -1)]


def test_an_exit_of_zero_is_no_failure(begin: Begin) -> None:
    hand = begin(plan(stage("test", "true", "exit 0", "never")))
    assert hand.job("test") == 0
    assert hand.commands("test") == [(1, 0, 0), (1, 1, 0)]


def test_attempts_are_counted(begin: Begin) -> None:
    hand = begin(plan(stage("test", "true", "true", retries=3)), Scenario("x", failures=(Failure("test", 1, attempts=2),)))
    assert [hand.job("test") for _ in range(3)] == [1, 1, 0]
    assert hand.commands("test") == [(1, 0, 0), (1, 1, 1), (2, 0, 0), (2, 1, 1), (3, 0, 0), (3, 1, 0)]
    assert [(end.attempt, end.outcome) for end in hand.ends("test")] == [(1, "failed"), (2, "failed"), (3, "passed")]


def test_attempts_of_other_jobs_are_others(begin: Begin) -> None:
    hand = begin(plan(stage("one", "true"), stage("two", "true")), Scenario("x", failures=(Failure("two", attempts=1),)))
    assert [hand.job("one"), hand.job("two"), hand.job("two")] == [0, 1, 0]


def test_a_job_that_hangs_is_ended_from_outside(begin: Begin) -> None:
    hand = begin(plan(stage("test", "true", "true", timeout=60)), Scenario("x", failures=(Failure("test", 1, kind="hang"),)))
    assert hand.job("test", seconds=1) == 124
    assert hand.commands("test") == [(1, 0, 0)]
    assert hand.ends("test")[0].outcome == "timeout"


def test_a_job_that_makes_no_output_passes_its_commands(begin: Begin) -> None:
    given = plan(stage("test", "mkdir -p dist", "echo x >dist/x; echo y >y", "cd dist", outputs=("dist/", "y")))
    hand = begin(given, Scenario("x", failures=(Failure("test", kind="output", attempts=1),)))
    first, second = hand.tree(), hand.tree()
    assert hand.attempt("test", tree=first) == 0
    assert not (first / "dist").exists()
    assert not (first / "y").exists()
    assert hand.attempt("test", tree=second) == 0
    assert (second / "dist" / "x").exists()
    assert [index for attempt, index, _ in hand.commands("test") if attempt == 1] == [0, 1, 2]


def test_outputs_are_hashed_where_the_job_began(begin: Begin) -> None:
    given = plan(stage("test", "mkdir -p dist/sub", "echo x >dist/sub/x; echo y >y", "cd dist/sub", outputs=("dist/", "y")))
    hand = begin(given)
    hand.job("test")
    once = dict(hand.ends("test")[0].outputs)
    assert set(once) == {"dist/", "y"}
    digest = sha256(b"y\n").hexdigest()
    assert once["y"] == sha256(f"y - {digest}\n".encode()).hexdigest()


@pytest.mark.parametrize(
    ("change", "differs"),
    [
        ("", False),
        ("touch -d 2001-01-01 dist/a", False),
        ("mkdir dist/empty", False),
        ("chmod g+w dist/a", False),
        ("echo more >>dist/a", True),
        ("chmod +x dist/a", True),
        ("mv dist/a dist/b", True),
        ("echo >dist/b", True),
        ("rm dist/a", True),
    ],
)
def test_a_folder_is_its_paths_execute_bits_and_bytes(begin: Begin, change: str, differs: bool) -> None:
    make = "mkdir -p dist; echo a >dist/a; echo c >'dist/c d'"
    hand = begin(plan(stage("one", make, outputs=("dist/",)), stage("two", make, change or "true", outputs=("dist/",))))
    hand.job("one")
    hand.job("two")
    assert (hand.ends("one")[0].outputs["dist/"] != hand.ends("two")[0].outputs["dist/"]) is differs


def test_names_of_files_may_hold_anything(begin: Begin) -> None:
    make = "mkdir -p dist; echo 1 >'dist/a\\b'; echo 2 >'dist/c\nd'; echo 3 >\"$(printf 'dist/\\377')\"; echo 4 >dist/é; echo 5 >'dist/ e '"
    hand = begin(plan(stage("one", make, outputs=("dist/",)), stage("two", make, "echo 9 >'dist/c\nd'", outputs=("dist/",))))
    assert (hand.job("one"), hand.job("two")) == (0, 0)
    assert hand.ends("one")[0].outputs["dist/"] != hand.ends("two")[0].outputs["dist/"]


def test_files_that_the_commit_has_not_are_extra(begin: Begin) -> None:
    hand = begin(plan(stage("test", "true")))
    tree = hand.tree()
    (tree / "src" / "stray.py").write_text("x")
    (tree / "README.md").write_text("other")
    hand.job("test", tree=tree)
    assert hand.starts("test")[0].extra == ("README.md", "src/stray.py")


def test_a_subshell_is_one_process(begin: Begin) -> None:
    hand = begin(plan(stage("test", "cd src", "exit 0", outputs=("README.md",))))
    lines = script.lines(hand.jobs["test"])
    assert lines[0] == "("
    assert hand.job("test", script=script.joined(lines)) == 0
    assert hand.commands("test") == [(1, 0, 0), (1, 1, 0)]


def test_a_subshell_with_nothing_behind_it_is_one_process(begin: Begin) -> None:
    """A shell may become its last command, or the last subshell; the probe's lines must have one parent all the same."""
    hand = begin(plan(stage("test", "true", "true", outputs=("README.md",))))
    assert hand.job("test", script=f"( {hand.script('test')})") == 0
    assert hand.commands("test") == [(1, 0, 0), (1, 1, 0)]
    assert set(hand.ends("test")[0].outputs) == {"README.md"}


def test_cells_have_names_of_their_own(begin: Begin) -> None:
    given = plan(stage("test", "true", matrix=(Axis("python", ("3.11", "3.12")), Axis("db", ("pg",)))))
    hand = begin(given, Scenario("x", failures=(Failure("test-3.12-pg"),)))
    assert hand.job("test-3.11-pg") == 0
    assert hand.job("test-3.12-pg") == 1
    assert hand.starts("test-3.12-pg")[0].env == {"PYTHON": "3.12", "DB": "pg"}
    assert hand.commands("test-3.11-pg") == [(1, 0, 0)]
    assert hand.commands("test-3.12-pg") == [(1, 0, 1)]


def test_setup_that_is_shared_counts_for_each_job(begin: Begin) -> None:
    given = plan(
        stage("one", "true", setup=("true", "true")), stage("two", "true", setup=("true", "true")), stage("own", "true", setup=(":",))
    )
    hand = begin(given, Scenario("x", failures=(Failure("two", 2),)))
    assert [hand.job(name) for name in ("one", "two", "own")] == [0, 1, 0]
    assert hand.commands("one") == [(1, 0, 0), (1, 1, 0), (1, 2, 0)]
    assert hand.commands("two") == [(1, 0, 0), (1, 1, 0), (1, 2, 1)]
    assert hand.commands("own") == [(1, 0, 0), (1, 1, 0)]


def test_a_file_with_a_secret_is_hashed_not_kept(begin: Begin) -> None:
    hand = begin(plan(stage("test", "true", secrets=(Secret("KEY", "STORED", file=True), Secret("TOKEN", "TOKEN")))))
    secret = hand.ground.root / "key"
    secret.write_text(hand.ground.secrets["STORED"])
    hand.job("test", KEY=str(secret), TOKEN="something else")
    assert hand.starts("test")[0].secrets == {"KEY": "present", "TOKEN": "wrong"}
    files = list((hand.ground.state / "secret-files").iterdir())
    assert [hand.ground.secrets["STORED"] in path.read_text() for path in files] == [False]


def test_what_it_prints_is_nothing(begin: Begin) -> None:
    hand = begin(plan(stage("test", "true", setup=("true",), outputs=("README.md",))))
    hand.job("test")
    assert hand.ended is not None
    assert hand.ended.stdout == ""


# What the probe leaves of a plan and of its rendering.


def test_setup_of_several_stages_stays_one_text() -> None:
    given = instrument(plan(stage("one", "a", setup=("x",)), stage("two", "b", setup=("x",)), stage("three", "c", setup=("y",))), "/probe")
    one, two, three = given.stages
    assert one.setup == two.setup == ("/probe start", "/probe setup 0", "x")
    assert three.setup == ("/probe start", "/probe at three 0", "y")


def test_setup_of_several_cells_stays_one_text() -> None:
    (given,) = instrument(plan(stage("test", "a", setup=("x",), matrix=(Axis("python", ("1", "2")),))), "/probe").stages
    assert given.setup == ("/probe start", "/probe setup 0", "x")
    assert given.commands == ("/probe at test-${PYTHON} 1", "a", "/probe done test-${PYTHON}; :")


@pytest.mark.parametrize("case", golden_cases.cases())
def test_it_adds_no_feature_and_no_fact(case: str) -> None:
    given = golden_cases.plan(case)
    probed = instrument(given, "/somewhere/pk-probe")
    events = select(given).events
    assert select(probed) == select(given)
    assert [(use.feature, use.stage and use.stage.name) for use in uses(probed, events)] == [
        (use.feature, use.stage and use.stage.name) for use in uses(given, events)
    ]
    assert [facts(each) for each in probed.stages] == [facts(each) for each in given.stages]
    assert [script.escapes((*each.setup, *each.commands)) for each in probed.stages] == [
        script.escapes((*each.setup, *each.commands)) for each in given.stages
    ]


@pytest.mark.parametrize("case", golden_cases.cases())
def test_it_touches_nothing_but_setup_and_commands(case: str) -> None:
    given = golden_cases.plan(case)
    probed = instrument(given, "/somewhere/pk-probe")
    for one, other in zip(given.stages, probed.stages, strict=True):
        assert replace(other, setup=one.setup, commands=one.commands) == one
        assert [line for line in (*other.setup, *other.commands) if "pk-probe" not in line] == [*one.setup, *one.commands]
    assert replace(probed, stages=given.stages) == given


@pytest.mark.parametrize("target", registry.entry_points())
@pytest.mark.parametrize("case", golden_cases.cases())
def test_without_its_lines_a_rendered_file_is_that_of_the_plain_plan(case: str, target: str) -> None:
    """But for the digest of the definition, which is another definition's."""
    plain, probed = (
        emit(each, target).files for each in (golden_cases.plan(case), instrument(golden_cases.plan(case), "/ground/pk-probe"))
    )
    assert {path: without_probe(text) for path, text in probed.items()} == {path: without_probe(text) for path, text in plain.items()}


def without_probe(text: str) -> str:
    lines = (line for line in text.split("\n") if "/ground/pk-probe " not in line)
    return re.sub(r"definition [0-9a-f]{12}$", "definition", "\n".join(lines), count=1, flags=re.MULTILINE)


@pytest.mark.parametrize("target", registry.entry_points())
def test_every_target_prints_the_probe_in_most_cases(target: str) -> None:
    """That two renderings are equal says nothing where both are empty."""
    printed = []
    for case in golden_cases.cases():
        text = "".join(emit(instrument(golden_cases.plan(case), "/ground/pk-probe"), target).files.values())
        printed += [case] if all(f"/ground/pk-probe {verb}" in text for verb in ("start", "at", "done")) else []
    assert len(printed) > 0.7 * len(golden_cases.cases())
