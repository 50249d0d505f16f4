"""simulate: what a run would do, for people and as a trace."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest

from pipelinekit.cli import main
from pipelinekit.cli.scenario import Asked, scenario
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.semantics.trace import Command, JobStart, RunEnd, read
from tests.cli.conftest import Call
from tests.golden_cases import GOLDEN, cases, plan

EXAMPLE = """
from pipelinekit import Environment, Input, Matrix, Pipeline, Registry, Secret, Service, changed, ci, on
from pipelinekit.recipes import container

version = Matrix("version", "1", "2")
hub = Registry("registry.example.com", username=Secret("USER"), password=Secret("PASSWORD", stored="HUB_PASSWORD"))
production = Environment("production", secrets=[Secret("TOKEN", stored="PRODUCTION_TOKEN")])
db = Service("db", image="postgres:16", port=5432)
nightly = on.schedule("nightly", "0 3 * * *")
train = on.manual("train", inputs=[Input("problem", "houses", choices=("houses", "iris")), Input("seed", "42")])
p = Pipeline("shop", image="python:3.12-slim", triggers=[on.push(), on.pull_request(forks=True), nightly], setup=["pip list"])
p.lint("mkdocs build", name="docs", only_if=changed("docs/**"))
test = p.test("pytest tests/unit", "pytest tests/all", matrix=version, services=[db], timeout="5m")
wheel = p.build("python -m build", needs=[test], outputs=["dist/"], retries=1)
image = p.build(container("registry.example.com/shop", tag=ci.sha, registry=hub), name="package", needs=[wheel["dist/"]], on=[on.push()])
gate = p.gate("Ship it?", needs=[image])
p.deploy(f"./deploy.sh {ci.short_sha}", environment=production, needs=[gate, wheel["dist/"]])
p.step("./train.sh", name="train", on=[train], allow_failure=True)
p.step("./tell.sh", name="tell", when="on_failure", on=[on.push()])
"""

LINE = next(number for number, line in enumerate(EXAMPLE.splitlines(), 1) if line.startswith("p = "))


@pytest.fixture
def shop(project: Path) -> Path:
    """The example as the working folder's definition."""
    (project / "pipeline.py").write_text(EXAMPLE)
    return project


def row(out: str, job: str) -> list[str]:
    """The cells of a job's first line."""
    line = next(line for line in out.splitlines() if line.startswith(f"{job} "))
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_a_run_is_two_tables_and_its_end(call: Call) -> None:
    ended = call("simulate", "--file", str(GOLDEN / "gate-with-artifacts" / "pipeline.py"))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "a push to main\n"
        "\n"
        "JOB                AFTER        ATTEMPT  OUTCOME   REMARK\n"
        "build              -            1        passed\n"
        "test               build        1        passed\n"
        "gate               test         -        approved  Ship it?\n"
        "deploy-production  gate, build  1        passed\n"
        "\n"
        "SEES               FILES\n"
        "test               dist/ of build\n"
        "deploy-production  dist/ of build\n"
        "\n"
        "the run passes\n"
    )


def test_what_jobs_see_is_told_by_name(shop: Path, call: Call) -> None:
    out = call("simulate").out.partition("SEES")[2]
    assert row(out, "test-2") == ["test-2", "-", "-", "db:5432", "VERSION"]
    assert row(out, "package") == ["package", "USER, PASSWORD", "dist/ of build", "-", "-"]
    assert row(out, "deploy-production") == ["deploy-production", "TOKEN", "dist/ of build", "-", "PK_SHORT_SHA"]
    assert "PRODUCTION_TOKEN" not in out


@pytest.mark.parametrize(
    ("words", "job", "remark"),
    [
        ("", "package", "publishes registry.example.com/shop:3b1c9f2e7d5a4c6088f1e2d3b4a5968778695a4b"),
        ("--fail test", "test-1", "[2] pytest tests/all ends with 1"),
        ("--fail test-2:1", "test-2", "[1] pytest tests/unit ends with 1"),
        ("--fail test-2:1", "build", "test-2 did not pass"),
        ("--fail test-2:1", "package", "build did not pass"),
        ("--fail package", "package", "the container build ends with 1"),
        ("--hang test:0", "test-1", "[0] pip list hangs: the job ends after 300 s"),
        ("--hang build", "build", "[1] python -m build hangs: the job has no timeout, so the system's own ends it"),
        ("--hang package", "package", "the container build hangs: the job has no timeout, so the system's own ends it"),
        ("--missing HUB_PASSWORD", "package", "PASSWORD is missing"),
        ("--missing TOKEN", "deploy-production", "TOKEN is missing"),
        ("--reject gate", "gate", "Ship it?"),
        ("--reject gate", "deploy-production", "gate was rejected"),
        ("--overtaken production", "deploy-production", "a newer delivery has reached production"),
        ("--event manual --fail train", "train", "[1] ./train.sh ends with 1"),
        ("--event pull_request --changed src/a.py", "docs", "touches nothing of docs/**"),
        ("", "tell", "nothing failed"),
    ],
)
def test_remarks(shop: Path, call: Call, words: str, job: str, remark: str) -> None:
    ended = call("simulate", *words.split())
    assert ended.code == 0
    assert row(ended.out, job)[-1] == remark


@pytest.mark.parametrize(
    ("words", "last"),
    [
        ("", "the run passes"),
        ("--fail test", "the run fails"),
        ("--hang test", "the run fails"),
        ("--missing TOKEN", "the run fails"),
        ("--reject gate", "the run stops before its end"),
        ("--overtaken production", "the run stops before its end"),
        ("--event manual --fail train", "the run passes"),
    ],
)
def test_the_code_says_nothing_of_the_run(shop: Path, call: Call, words: str, last: str) -> None:
    ended = call("simulate", *words.split())
    assert (ended.code, ended.out.splitlines()[-1]) == (0, last)


def test_each_attempt_has_a_line(shop: Path, call: Call) -> None:
    out = call("simulate", "--fail", "build").out
    assert [line.split()[2:5] for line in out.splitlines() if line.startswith("build ")] == [["test-2", "1", "of"], ["test-2", "2", "of"]]


def test_what_follows_a_failure_is_last(shop: Path, call: Call) -> None:
    assert row(call("simulate", "--fail", "test").out, "tell") == ["tell", "all others", "1", "passed"]


@pytest.mark.parametrize(
    ("words", "head"),
    [
        ("--event push --branch main", "a push to main"),
        ("--event pull_request --branch fix/it --changed docs/x.md", "a pull request of fix/it into main, which touches docs/x.md"),
        ("--event pull-request --fork", "a fork's pull request of feature into main, which touches docs/**"),
        ("--event schedule", "the schedule nightly"),
        ("--event manual --input seed=7", "the manual run train"),
    ],
)
def test_what_happens_is_said_first(shop: Path, call: Call, words: str, head: str) -> None:
    assert call("simulate", *words.split()).out.splitlines()[0] == head


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ("--branch other", "a push to other"),
        ("--event tag --tag v1", "the tag v1"),
        ("--event tag --tag v1 --beside-trunk", "the tag v1 beside main"),
        ("--event tag", "the tag v1.0"),
        ("--event pull_request --into release/1", "a pull request of feature into release/1"),
    ],
)
def test_what_starts_no_run_says_so(shop: Path, call: Call, words: str, what: str) -> None:
    ended = call("simulate", *words.split())
    assert (ended.code, ended.out) == (
        0,
        f"{what} starts no run\n"
        "shop reacts to a push to main; a pull request into main, of forks too; the schedule nightly (0 3 * * *); the manual run train\n",
    )


def test_a_definition_without_such_an_event_is_asked_in_vain(call: Call) -> None:
    for event, words in (("schedule", "a schedule"), ("manual", "a manual run")):
        ended = call("simulate", "--event", event, "--file", str(GOLDEN / "event-tags" / "pipeline.py"))
        assert ended.code == 0
        assert ended.out.startswith(f"{words} starts no run\n")


def test_events_are_told_as_a_definition_names_them(call: Call) -> None:
    said = {case: call("simulate", "--branch", "nobody", "--file", str(GOLDEN / case / "pipeline.py")).out for case in cases()}
    assert "a push to release/*" in said["event-branches"]
    assert "a tag v*" in said["event-tags"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--event psh", "there is no event 'psh' (did you mean 'push'?)"),
        ("--fail tset", "there is no job 'tset' (did you mean 'test'?)"),
        ("--hang test-3", "there is no job 'test-3' (did you mean 'test-2'?)"),
        ("--fail test-1:3", "test-1 has no command 3 (its last is 2)"),
        ("--fail gate", "gate is a gate: it has no commands (--reject gate)"),
        ("--reject gte", "there is no gate 'gte' (did you mean 'gate'?)"),
        ("--missing TOKN", "there is no secret 'TOKN' (did you mean 'TOKEN'?)"),
        ("--overtaken prod", "there is no environment 'prod' (there is production)"),
        ("--event schedule --name nigthly", "there is no schedule 'nigthly' (did you mean 'nightly'?)"),
        ("--event manual --name tarin", "there is no manual run 'tarin' (did you mean 'train'?)"),
        ("--event manual --input sed=1", "there is no input 'sed' (did you mean 'seed'?)"),
        ("--event manual --input seed", "--input seed has no value (--input seed=…)"),
        ("--event manual --input problem=hoses", "the input problem can't be 'hoses' (did you mean 'houses'?)"),
        ("--tag v1", "--tag says nothing of a push (it is for a tag)"),
        ("--event schedule --branch x", "--branch says nothing of a schedule (it is for a push and a pull request)"),
        ("--event tag --tag v1 --fork", "--fork says nothing of a tag (it is for a pull request)"),
    ],
)
def test_a_wrong_call_gets_one_line_and_a_hint(shop: Path, call: Call, words: str, message: str) -> None:
    ended = call("simulate", *words.split())
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [f"pipeline.py:{LINE}: error PK032: {message}"]


def test_all_that_is_wrong_is_told_at_once(shop: Path, call: Call) -> None:
    assert len(call("simulate", "--fail", "x", "--reject", "y", "--missing", "z", "--overtaken", "w").err.splitlines()) == 4


def test_of_several_schedules_one_must_be_named(call: Call) -> None:
    several = str(GOLDEN / "event-schedules" / "pipeline.py")
    names = [event.name for stage in plan("event-schedules").stages for event in stage.on or () if event.kind == "schedule"]
    ended = call("simulate", "--event", "schedule", "--file", several)
    assert ended.code == 2
    assert "which schedule? (--name with one of " in ended.err
    assert all(name in ended.err for name in names)


def test_a_tag_that_the_definition_takes(project: Path, call: Call) -> None:
    text = 'from pipelinekit import Pipeline, on\np = Pipeline("x", image="a", triggers=[{}])\np.test("true")\n'
    (project / "pipeline.py").write_text(text.format('on.tag("release/*")'))
    assert call("simulate", "--event", "tag").out.startswith("the tag release/1.0\n\nJOB")
    (project / "pipeline.py").write_text(text.format('on.tag("v*"), on.tag("data-*")'))
    ended = call("simulate", "--event", "tag")
    assert ended.code == 2
    assert "which tag? (--tag, with one of v*, data-*)" in ended.err
    assert call("simulate", "--event", "tag", "--tag", "data-7").out.startswith("the tag data-7\n\nJOB")


def test_what_changes_nothing_is_a_warning(shop: Path, call: Call) -> None:
    words = ("--fail", "package", "--hang", "train:0", "--reject", "gate", "--overtaken", "production")
    ended = call("simulate", "--event", "schedule", *words)
    assert ended.code == 0
    assert [line.split("PK032: ")[1].split(": ")[0] for line in ended.err.splitlines()] == [
        "--fail package changes nothing",
        "--hang train:0 changes nothing",
        "--reject gate changes nothing",
        "--overtaken production changes nothing",
    ]


def test_findings_in_the_definition_come_first(project: Path, call: Call) -> None:
    (project / "pipeline.py").write_text('from pipelinekit import Pipeline\np = Pipeline("x", image="a")\np.test("true", name="A B")\n')
    ended = call("simulate", "--fail", "nobody")
    assert (ended.code, ended.out) == (1, "")
    assert "PK001" in ended.err


def test_a_plan_with_errors_is_not_run(project: Path, call: Call) -> None:
    key = "ghp_" + "a" * 36
    (project / "pipeline.py").write_text(
        f'from pipelinekit import Pipeline\np = Pipeline("x", image="a")\np.test("t", variables={{"KEY": "{key}"}})\n'
    )
    ended = call("simulate")
    assert (ended.code, ended.out) == (1, "")
    assert "PK009" in ended.err


@pytest.mark.parametrize("case", cases())
def test_every_case_is_told_and_traced(call: Call, case: str) -> None:
    file = str(GOLDEN / case / "pipeline.py")
    for event in ("push", "pull_request"):
        assert call("simulate", "--event", event, "--file", file).code == 0
        (trace,) = read(call("simulate", "--event", event, "--file", file, "--json").out)
        assert isinstance(trace[-1], RunEnd)


def test_the_trace_is_that_of_the_scenario(shop: Path, call: Call) -> None:
    ended = call("simulate", "--json", "--event", "manual", "--input", "problem=iris", "--fail", "train:0")
    (trace,) = read(ended.out)
    start = next(line for line in trace if isinstance(line, JobStart))
    assert {name: start.env[name] for name in ("PROBLEM", "SEED")} == {"PROBLEM": "iris", "SEED": "42"}
    assert [(line.index, line.exit) for line in trace if isinstance(line, Command)] == [(0, 1)]
    assert '"line": "run.end"' in ended.out.splitlines()[-1]


def test_options_are_a_scenario() -> None:
    found = scenario(plan("environment-block"), Asked(fail=("test:0",), missing=("DATABASE_URL",), overtaken=("production",)))
    assert found == Scenario("as asked", Happening(), (Failure("test", 0),), (), ("PRODUCTION_DATABASE_URL",), ("production",))


def test_a_json_plan_will_do(shop: Path, call: Call) -> None:
    (shop / "plan.json").write_text(call("show", "--json").out)
    assert call("simulate", "--file", "plan.json").out == call("simulate").out


def test_it_imports_nothing_heavy() -> None:
    code = "import sys; from pipelinekit.cli import main\ntry: main(sys.argv[1:])\nfinally: print(*sys.modules, file=sys.stderr)"
    words = ["simulate", "--json", "--file", str(GOLDEN / "environment-block" / "pipeline.py")]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert not {"pydantic", "jinja2", "yaml", "rich", "pipelinekit.testing"} & set(done.stderr.split())


def test_a_terminal_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" in at_terminal(monkeypatch, "simulate", "--file", str(GOLDEN / "gate" / "pipeline.py"), "--reject", "gate")


def test_colour_can_be_turned_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[" not in at_terminal(monkeypatch, "simulate", "--file", str(GOLDEN / "gate" / "pipeline.py"))


def at_terminal(monkeypatch: pytest.MonkeyPatch, *words: str) -> str:
    """What a call prints where standard output is a terminal."""
    monkeypatch.setenv("TERM", "xterm-256color")
    controller, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", stream)
        with pytest.raises(SystemExit):
            main(words)
        stream.flush()
        text = b""
        while select.select([controller], [], [], 0)[0]:
            text += os.read(controller, 65536)
    os.close(controller)
    return text.decode()
