"""When two traces agree: each kind of difference by a trace that differs in one thing, and traces that differ and agree all the same."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from pipelinekit.check import check
from pipelinekit.model.plan import Plan, Stage
from pipelinekit.model.value import replace
from pipelinekit.semantics.agreement import Difference, Kind, differences
from pipelinekit.semantics.interpreter import ANY, Run, prepare, simulate
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.semantics.trace import Command, Gate, JobEnd, JobSkip, JobStart, Line, RunEnd, RunStart, Trace
from pipelinekit.testing.scenarios import scenarios
from tests.conftest import Define
from tests.strategies import plans

DEFINITION = """\
from pipelinekit import *
from pipelinekit.recipes import container
production = Environment("production")
db = Service("db", image="postgres:16", port=5432)
p = Pipeline("demo", image="a", variables={"MODE": "ci"})
lint = p.lint("x")
build = p.build("x", "y", outputs=["dist/", "version.txt"], retries=1)
test = p.test(f"echo {ci.sha} {ci.run_id}", secrets=[Secret("TOKEN")], services=[db], needs=[lint, build["dist/"]], timeout="5m")
p.step("x", name="train-a", lock="box")
p.step("x", name="train-b", lock="box")
p.step("x", name="train-c", lock="other-box")
p.lint("x", name="audit", allow_failure=True)
p.lint("x", name="docs", only_if=changed("docs/**"))
image = p.build(container("quay.io/a/b", tag=ci.sha, also="latest"), name="package", needs=[test])
asked = p.gate("Ship it?", needs=[image])
p.deploy("x", environment=production, needs=[asked])
p.step("x", name="notify", when="on_failure")
p.step("x", name="sweep", when="always")
"""
PUSH = Scenario("push")
LINT_FAILS = Scenario("x", failures=(Failure("lint"),))
BUILD_FAILS_ONCE = Scenario("x", failures=(Failure("build", 1, attempts=1),))
TEST_HANGS = Scenario("x", failures=(Failure("test", kind="hang"),))
REJECTED = Scenario("x", rejected=("gate",))
OVERTAKEN = Scenario("x", overtaken=("production",))
WITHOUT_TOKEN = Scenario("x", missing=("TOKEN",))
REQUEST = Scenario("x", Happening("pull_request", branch="a", changed=("src/app.py",)))
ELSEWHERE = Scenario("x", Happening("push", branch="other"))

Edit = Callable[[Trace], Trace]


# Edits of a trace.


def is_of(line: Line, kind: type[Any], job: str) -> bool:
    return isinstance(line, kind) and getattr(line, "gate", getattr(line, "job", "")) == job


def change(kind: type[Any], job: str = "", **changes: Any) -> Edit:
    """The trace with the first line of a kind and job changed."""

    def edit(trace: Trace) -> Trace:
        at = next(number for number, line in enumerate(trace) if is_of(line, kind, job))
        return (*trace[:at], replace(trace[at], **changes), *trace[at + 1 :])

    return edit


def drop(kind: type[Any], job: str = "") -> Edit:
    """The trace without all lines of a kind and job."""
    return lambda trace: tuple(line for line in trace if not is_of(line, kind, job))


def without(*jobs: str) -> Edit:
    """The trace as of an engine that never came to these jobs and gates."""
    return lambda trace: tuple(line for line in trace if getattr(line, "gate", getattr(line, "job", "")) not in jobs)


def add(*lines: Line, before: str = "") -> Edit:
    """The trace with lines more, before the first one of a job or before the end."""

    def edit(trace: Trace) -> Trace:
        at = next(
            (number for number, line in enumerate(trace) if before and before in (getattr(line, "job", ""), getattr(line, "gate", ""))), -1
        )
        return (*trace[:at], *lines, *trace[at:])

    return edit


def first(*jobs: str) -> Edit:
    """The trace with all lines of these jobs before those of any other."""

    def edit(trace: Trace) -> Trace:
        own = tuple(line for line in trace if getattr(line, "gate", getattr(line, "job", "")) in jobs)
        return (trace[0], *own, *(line for line in trace[1:] if line not in own))

    return edit


def side_by_side(one: str, other: str) -> Edit:
    """The trace in which two jobs, one behind the other, begin together."""

    def edit(trace: Trace) -> Trace:
        starts = [line for line in trace if is_of(line, JobStart, one) or is_of(line, JobStart, other)]
        at = trace.index(starts[0])
        return (*trace[:at], *starts, *(line for line in trace[at:] if line not in starts))

    return edit


def both(one: Edit, other: Edit) -> Edit:
    return lambda trace: other(one(trace))


def ran(job: str) -> tuple[Line, ...]:
    return JobStart(job), Command(job, 0, 0), JobEnd(job, "passed")


DIFFER: dict[str, tuple[Scenario, Edit, set[tuple[str, str]]]] = {
    # Which jobs.
    "a job is lacking": (PUSH, without("docs"), {("missing-job", "docs")}),
    "a stage after all others is lacking": (PUSH, without("sweep"), {("missing-job", "sweep")}),
    "what precedes the failure is lacking": (TEST_HANGS, without("lint"), {("missing-job", "lint"), ("order", "test")}),
    "what precedes the no is lacking": (REJECTED, without("lint"), {("missing-job", "lint"), ("order", "test")}),
    "what failed is lacking": (LINT_FAILS, without("lint"), {("missing-job", "lint")}),
    "the stage for failures is lacking": (LINT_FAILS, without("notify"), {("missing-job", "notify")}),
    "a job ended by a filter that doesn't hold": (
        PUSH,
        both(without("docs"), add(JobSkip("docs", "unchanged"))),
        {("missing-job", "docs")},
    ),
    "a job behind a failure": (LINT_FAILS, add(*ran("test"), before="notify"), {("extra-job", "test")}),
    "a job behind a no": (REJECTED, add(*ran("deploy-production"), before="sweep"), {("extra-job", "deploy-production")}),
    "an overtaken job": (OVERTAKEN, add(*ran("deploy-production"), before="sweep"), {("extra-job", "deploy-production")}),
    "the stage for failures without one": (PUSH, add(*ran("notify")), {("extra-job", "notify")}),
    "a job whose files didn't change": (REQUEST, add(*ran("docs"), before="sweep"), {("extra-job", "docs")}),
    "a job that the event doesn't select": (REQUEST, add(*ran("deploy-production"), before="sweep"), {("extra-job", "deploy-production")}),
    "a job where nothing is selected": (ELSEWHERE, add(*ran("lint")), {("extra-job", "lint")}),
    # Order.
    "before a need had ended": (PUSH, side_by_side("lint", "test"), {("order", "test")}),
    "before a need had begun": (PUSH, first("lint", "test"), {("order", "test")}),
    "before the answer": (PUSH, first("lint", "build", "test", "package", "deploy-production"), {("order", "deploy-production")}),
    "asked too early": (PUSH, first("lint", "build", "test", "gate"), {("order", "gate")}),
    "after all others, but one": (PUSH, first("sweep"), {("order", "sweep")}),
    "an attempt before the one before had ended": (
        BUILD_FAILS_ONCE,
        lambda trace: both(drop(JobEnd, "build"), add(*(line for line in trace if is_of(line, JobEnd, "build")), before="test"))(trace),
        {("order", "build")},
    ),
    "a command after the end": (PUSH, both(drop(Command, "lint"), add(Command("lint", 0, 0))), {("order", "lint")}),
    "an end before its beginning": (
        PUSH,
        both(drop(JobEnd, "docs"), add(JobEnd("docs", "passed"), before="train-a")),
        {("order", "docs")},
    ),
    "commands of an attempt that never began": (PUSH, add(Command("build", 0, 0, 2)), {("order", "build")}),
    "beside a job of its lock": (PUSH, side_by_side("train-a", "train-b"), {("overlap", "train-b")}),
    # What a job does.
    "one attempt too few": (
        BUILD_FAILS_ONCE,
        lambda trace: tuple(line for line in trace if not (getattr(line, "job", "") == "build" and getattr(line, "attempt", 1) == 2)),
        {("attempts", "build"), ("input", "test")},
    ),
    "one attempt too many": (PUSH, add(JobStart("build", 2), JobEnd("build", "passed", 2), before="test"), {("attempts", "build")}),
    "another status": (LINT_FAILS, change(Command, "lint", exit=2), {("commands", "lint")}),
    "a command less": (PUSH, drop(Command, "lint"), {("commands", "lint")}),
    "a command more": (LINT_FAILS, add(Command("lint", 1, 0), before="build"), {("commands", "lint"), ("order", "lint")}),
    "an end before the first command": (
        PUSH,
        both(drop(Command, "lint"), change(JobStart, "lint", seen=False, env={}, absent=())),
        {("commands", "lint")},
    ),
    "an end before the command that hangs": (
        TEST_HANGS,
        change(JobStart, "test", seen=False, env={}, secrets={}, absent=(), inputs={}, services=()),
        {("commands", "test")},
    ),
    "commands in spite of a missing secret": (
        WITHOUT_TOKEN,
        both(change(JobStart, "test", seen=True, services=("db:5432",)), add(Command("test", 0, 1), before="train-a")),
        {("commands", "test"), ("order", "test")},
    ),
    "failed where it should pass": (PUSH, change(JobEnd, "lint", outcome="failed"), {("outcome", "lint")}),
    "passed where it should fail": (LINT_FAILS, change(JobEnd, "lint", outcome="passed"), {("outcome", "lint")}),
    "failed where it is allowed": (
        Scenario("x", failures=(Failure("audit"),)),
        change(JobEnd, "audit", outcome="failed"),
        {("outcome", "audit")},
    ),
    "no end": (PUSH, drop(JobEnd, "docs"), {("outcome", "docs"), ("order", "sweep")}),
    "an earlier attempt passed": (BUILD_FAILS_ONCE, change(JobEnd, "build", outcome="passed"), {("outcome", "build")}),
    "an output less": (PUSH, change(JobEnd, "build", outputs={"dist/": "build#1"}), {("output", "build")}),
    "the image unpublished": (PUSH, change(Command, "package", published=()), {("published", "package")}),
    "published where nothing is delivered": (REQUEST, change(Command, "package", published=("quay.io/a/b:1",)), {("published", "package")}),
    # What a job sees.
    "another value": (PUSH, change(JobStart, "lint", env={"MODE": "CI"}), {("environment", "lint")}),
    "no value": (PUSH, change(JobStart, "lint", env={}), {("environment", "lint")}),
    "a fact that is there and empty": (
        PUSH,
        lambda trace: change(JobStart, "test", env={**start(trace, "test").env, "PK_RUN_ID": ""})(trace),
        {("environment", "test")},
    ),
    "a fact that nobody mentions there": (PUSH, change(JobStart, "lint", env={"MODE": "ci", "PK_SHA": "1"}), {("leak", "lint")}),
    "a secret that nobody names there": (PUSH, change(JobStart, "lint", secrets={"TOKEN": "present"}), {("leak", "lint")}),
    "a secret is not there": (PUSH, change(JobStart, "test", secrets={}), {("secret", "test")}),
    "a secret has another value": (PUSH, change(JobStart, "test", secrets={"TOKEN": "wrong"}), {("secret", "test")}),
    "an input is not there": (PUSH, change(JobStart, "test", inputs={}), {("input", "test")}),
    "an input is of another make": (PUSH, change(JobStart, "test", inputs={"dist/": "cafe"}), {("input", "test")}),
    "an input of an attempt that failed": (BUILD_FAILS_ONCE, change(JobStart, "test", inputs={"dist/": "build#1"}), {("input", "test")}),
    "a file of the commit that isn't there": (PUSH, change(JobStart, "lint", lacks=("src/app.py",)), {("input", "lint")}),
    "files that nobody asked for": (PUSH, change(JobStart, "lint", extra=("version.txt",)), {("extra-file", "lint")}),
    "no service": (PUSH, change(JobStart, "test", services=()), {("services", "test")}),
    "a service of others": (PUSH, change(JobStart, "lint", services=("db:5432",)), {("services", "lint")}),
    # Gates.
    "nobody is asked": (PUSH, without("gate"), {("gate", ""), ("order", "deploy-production")}),
    "another answer": (REJECTED, change(Gate, "gate", decision="approved"), {("gate", "")}),
    "asked behind a failure": (LINT_FAILS, add(Gate("gate", "approved"), before="notify"), {("gate", "")}),
    "asked in a pull request": (REQUEST, add(Gate("gate", "approved")), {("gate", "")}),
    # The run.
    "a run that passes": (LINT_FAILS, change(RunEnd, outcome="passed"), {("run", "")}),
    "a run that fails": (PUSH, change(RunEnd, outcome="failed"), {("run", "")}),
    "a run without an end": (ELSEWHERE, drop(RunEnd), {("run", "")}),
    "of another commit": (PUSH, change(RunStart, commit="0" * 40), {("run", "")}),
    "of another event": (PUSH, change(RunStart, event="tag"), {("run", "")}),
    "without a beginning": (PUSH, drop(RunStart), {("run", "")}),
}  # fmt: skip

AGREE: dict[str, tuple[Scenario, Edit]] = {
    "itself": (PUSH, lambda trace: trace),
    "unrelated jobs in another order": (PUSH, first("docs", "audit", "train-b", "build", "lint")),
    "unrelated jobs side by side": (PUSH, side_by_side("lint", "build")),
    "jobs of different locks side by side": (PUSH, side_by_side("train-a", "train-c")),
    "stages after all others in another order": (LINT_FAILS, side_by_side("notify", "sweep")),
    "no line of what is skipped": (LINT_FAILS, drop(JobSkip, "test")),
    "skipped for another reason": (LINT_FAILS, change(JobSkip, "test", why="unknown")),
    "nothing more is started after a failure": (LINT_FAILS, without("train-a", "train-b", "audit", "docs", "build")),
    "nor once it hangs": (TEST_HANGS, without("train-a", "train-b", "audit", "docs")),
    "nor after a no": (REJECTED, without("train-a", "docs")),
    "a run that a person ended has no stage after all others": (REJECTED, without("sweep", "notify")),
    "nor has one that was overtaken": (OVERTAKEN, without("sweep", "notify")),
    "a delivery that is held back counts as a failure": (OVERTAKEN, add(*ran("notify"))),
    "a timeout that nobody tells": (TEST_HANGS, change(JobEnd, "test", outcome="failed")),
    "a run that was stopped passes": (REJECTED, change(RunEnd, outcome="passed")),
    "a run that was stopped fails": (OVERTAKEN, change(RunEnd, outcome="failed")),
    "a run that nothing selects passes": (ELSEWHERE, change(RunEnd, outcome="passed")),
    "references in another order": (PUSH, lambda trace: change(Command, "package", published=published(trace)[::-1])(trace)),
    "another engine": (PUSH, change(RunStart, engine="drone", scenario=None)),
    "more in the environment than was declared": (PUSH, change(JobStart, "lint", env={"MODE": "ci", "CI": "true"})),
    "a fact in the system's own spelling": (
        PUSH,
        lambda trace: change(JobStart, "test", env={**start(trace, "test").env, "PK_RUN_ID": "17"})(trace),
    ),
    "files by their hash": (
        PUSH,
        both(change(JobEnd, "build", outputs={"dist/": "cafe", "version.txt": "f00d", "log": "1"}), change(JobStart, "test", inputs={"dist/": "cafe"})),
    ),
    "an attempt that ended for want of a secret, early": (WITHOUT_TOKEN, first("test")),
}  # fmt: skip


def start(trace: Trace, job: str) -> JobStart:
    return next(line for line in trace if isinstance(line, JobStart) and line.job == job)


def published(trace: Trace) -> tuple[str, ...]:
    return next(line.published for line in trace if isinstance(line, Command) and line.published)


def look(plan: Plan, scenario: Scenario, edit: Edit) -> tuple[Difference, ...]:
    reference = simulate(plan, scenario)
    return differences(prepare(plan, scenario), reference, edit(reference))


@pytest.mark.parametrize("scenario, edit, expected", DIFFER.values(), ids=DIFFER)
def test_one_thing_is_otherwise(define: Define, scenario: Scenario, edit: Edit, expected: set[tuple[str, str]]) -> None:
    found = look(define(DEFINITION), scenario, edit)
    assert {(each.kind, "" if each.kind == "gate" else each.job) for each in found} == expected


@pytest.mark.parametrize("scenario, edit", AGREE.values(), ids=AGREE)
def test_otherwise_and_the_same(define: Define, scenario: Scenario, edit: Edit) -> None:
    assert [str(each) for each in look(define(DEFINITION), scenario, edit)] == []


BETWEEN = """\
from pipelinekit import *
p = Pipeline("demo", image="a", triggers=[on.pull_request()])
first = p.lint("x")
maybe = p.test("x", only_if=changed("docs/**"), needs=[first])
p.step("x", name="last", needs=[maybe])
"""


def test_the_order_is_kept_around_what_its_files_leave_out(define: Define) -> None:
    plan = define(BETWEEN)
    assert look(plan, REQUEST, drop(JobSkip, "test")) == ()
    assert [each.job for each in look(plan, REQUEST, first("last"))] == ["last"]


def test_a_run_of_which_files_leave_out_all_may_be_none(define: Define) -> None:
    plan = define('from pipelinekit import *\np = Pipeline("demo", image="a")\np.test("x", only_if=changed("docs/**"))\n')
    assert look(plan, REQUEST, both(change(RunEnd, outcome="nothing"), drop(JobSkip, "test"))) == ()
    assert [each.kind for each in look(plan, REQUEST, change(RunEnd, outcome="failed"))] == ["run"]


def test_each_kind_has_its_row() -> None:
    """But those which no trace shows: the suite looks into what was printed, started and left."""
    assert {kind for _, _, expected in DIFFER.values() for kind, _ in expected} | {"log", "argv", "file", "attack"} == set(get_args(Kind))


WORDS: list[tuple[Scenario, Edit, str]] = [
    (LINT_FAILS, change(Command, "lint", exit=2), "commands lint: 0→2 in place of 0→1 (attempt 1)"),
    (PUSH, change(RunEnd, outcome="failed"), "run: failed in place of passed"),
    (PUSH, change(RunStart, commit="abc"), "run: push of abc"),
    (PUSH, both(drop(Command, "docs"), add(Command("docs", 0, 0))), "order docs: 0 of attempt 1: not between its first line and its last"),
    (
        PUSH,
        both(drop(JobEnd, "docs"), add(JobEnd("docs", "passed"), before="train-a")),
        "order docs: 0, the end of attempt 1: not between its first line and its last",
    ),
    (PUSH, drop(RunStart), "run: no start"),
    (ELSEWHERE, drop(RunEnd), "run: no end in place of nothing"),
    (PUSH, without("docs"), "missing-job docs: it never ran"),
    (PUSH, both(without("docs"), add(JobSkip("docs", "need"))), "missing-job docs: it never ran: need"),
    (LINT_FAILS, add(*ran("test"), before="notify"), "extra-job test: it ran, though need"),
    (REQUEST, add(*ran("deploy-production"), before="sweep"), "extra-job deploy-production: it ran, though nothing selects it"),
    (PUSH, change(JobStart, "lint", env={}), "environment lint: MODE is None in place of 'ci'"),
    (PUSH, change(JobStart, "test", inputs={}), "input test: dist/ is not what attempt 1 of build made"),
    (PUSH, drop(Command, "lint"), "commands lint: none in place of 0→0 (attempt 1)"),
]


@pytest.mark.parametrize("scenario, edit, expected", WORDS, ids=[words for _, _, words in WORDS])
def test_a_difference_in_words(define: Define, scenario: Scenario, edit: Edit, expected: str) -> None:
    assert [str(each) for each in look(define(DEFINITION), scenario, edit)] == [expected]


# Two gates that have nothing to do with one another.

TWO_GATES = """\
from pipelinekit import *
p = Pipeline("demo", image="a")
test = p.test("x")
for place in ("europe", "america"):
    asked = p.gate("Ship it?", name=f"ask-{place}", needs=[test])
    p.deploy("x", environment=Environment(place), needs=[asked])
"""
EUROPE_FAILS = Scenario("x", failures=(Failure("deploy-europe"),))
NO_EUROPE = Scenario("x", rejected=("ask-europe",))
GATES: dict[str, tuple[Scenario, Edit, set[tuple[str, str]]]] = {
    "the other is not asked after a no": (NO_EUROPE, without("ask-america", "deploy-america"), set()),
    "nor after a failure": (EUROPE_FAILS, without("ask-america", "deploy-america"), set()),
    "nobody goes on unasked": (EUROPE_FAILS, without("ask-america"), {("order", "deploy-america")}),
    "who says no is asked": (NO_EUROPE, without("ask-europe"), {("gate", "ask-europe")}),
    "all are asked where all is well": (
        PUSH,
        without("ask-america", "deploy-america"),
        {("gate", "ask-america"), ("missing-job", "deploy-america")},
    ),
}


@pytest.mark.parametrize("scenario, edit, expected", GATES.values(), ids=GATES)
def test_two_gates(define: Define, scenario: Scenario, edit: Edit, expected: set[tuple[str, str]]) -> None:
    assert {(each.kind, each.job) for each in look(define(TWO_GATES), scenario, edit)} == expected


# Any plan.


@st.composite
def runs(draw: st.DrawFn) -> tuple[Run, Trace]:
    """A plan in which `check` finds no error, one of its scenarios, and the reference."""
    plan = draw(plans(max_stages=7))
    assume(not any(each.level == "error" for each in check(plan)))
    scenario = draw(st.sampled_from(scenarios(plan)))
    return prepare(plan, scenario), simulate(plan, scenario)


def shuffled(run: Run, reference: Trace, random: Random) -> Trace:
    """The lines in an order that the contract allows: those of one job stay in theirs, none begins before what it needs."""
    jobs = {job.name: job for job in run.jobs}
    left: dict[str, list[Line]] = {}
    for line in reference[1:-1]:
        name = line.gate if isinstance(line, Gate) else getattr(line, "job", "")
        left.setdefault(name, []).append(line)
    begun: set[str] = set()
    order: list[Line] = [reference[0]]
    while any(left.values()):
        ready = [name for name, lines in left.items() if lines and (name in begun or may_begin(jobs[name], jobs, left, begun))]
        name = random.choice(ready)
        begun.add(name)
        order.append(left[name].pop(0))
    return (*order, reference[-1])


def may_begin(job: Stage, jobs: dict[str, Stage], left: dict[str, list[Line]], begun: set[str]) -> bool:
    before = [name for name, other in jobs.items() if not other.is_post] if job.is_post else [need.stage for need in job.needs]
    holders = [name for name in begun if left[name] and job.lock and jobs[name].lock == job.lock]
    return not holders and not any(left.get(name) for name in before)


HOUSE = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@HOUSE
@given(runs(), st.randoms(use_true_random=False))
def test_orders_that_the_contract_allows(given: tuple[Run, Trace], random: Random) -> None:
    run, reference = given
    assert differences(run, reference, reference) == ()
    for _ in range(3):
        assert differences(run, reference, shuffled(run, reference, random)) == ()


def matters(line: Line, reference: Trace) -> bool:
    """Whether a trace can't do without a line: skipped jobs need none, and in a run that didn't pass a question may be missing."""
    return not isinstance(line, JobSkip | Gate) or (isinstance(line, Gate) and reference[-1] == RunEnd("passed"))


@HOUSE
@given(runs())
def test_a_line_that_is_missing_is_noticed(given: tuple[Run, Trace]) -> None:
    run, reference = given
    for at, line in enumerate(reference):
        if matters(line, reference):
            assert differences(run, reference, (*reference[:at], *reference[at + 1 :])), line


def altered(line: Line, reference: Trace) -> list[Line]:
    """Lines that tell something else."""
    end = reference[-1]
    assert isinstance(end, RunEnd)
    match line:
        case RunStart():
            return [replace(line, commit="0" * 40), replace(line, event="tag" if line.event == "push" else "push")]
        case JobStart() if line.seen:
            values = {name: text for name, text in line.env.items() if text != ANY}
            return [
                replace(line, attempt=line.attempt + 7),
                replace(line, extra=("else",)),
                replace(line, services=(*line.services, "else:1")),
                *(replace(line, env={**line.env, name: text[1:] if name == "PK_AUTHOR" else f"{text}x"}) for name, text in values.items()),
                *(replace(line, env={other: text for other, text in line.env.items() if other != name}) for name in line.env),
                *(replace(line, secrets={**line.secrets, name: "wrong"}) for name in line.secrets),
                *(replace(line, env={**line.env, name: "1"}) for name in line.absent),
                *(replace(line, inputs={**line.inputs, path: "else"}) for path in line.inputs),
            ]
        case Command():
            return [
                replace(line, exit=line.exit + 1),
                replace(line, index=line.index + 1),
                replace(line, published=(*line.published, "else")),
            ]
        case Gate():
            return [replace(line, decision="rejected" if line.decision == "approved" else "approved")]
        case JobEnd():
            return [
                replace(line, outcome="failed" if line.outcome in ("passed", "allowed") else "passed"),
                replace(line, attempt=line.attempt + 7),
            ]
        case RunEnd():
            return [replace(line, outcome="stopped")] if line.outcome in ("passed", "failed") else []
        case _:
            return []


@HOUSE
@given(runs())
def test_a_line_that_tells_something_else_is_noticed(given: tuple[Run, Trace]) -> None:
    run, reference = given
    for at, line in enumerate(reference):
        for other in altered(line, reference):
            assert differences(run, reference, (*reference[:at], other, *reference[at + 1 :])), other


@HOUSE
@given(runs(), st.data())
def test_a_job_that_is_not_wanted_is_noticed(given: tuple[Run, Trace], data: st.DataObject) -> None:
    run, reference = given
    started = {line.job for line in reference if isinstance(line, JobStart)}
    skips = {line.job: line.why for line in reference if isinstance(line, JobSkip)}
    held = {"overtaken", "beside-trunk"} & set(skips.values())
    idle = [job.name for job in run.plan.stages if job.name not in started and not job.is_gate]
    idle = [name for name in idle if not (held and skips.get(name) == "no-failure")]
    assume(idle)
    name = data.draw(st.sampled_from(idle))
    found = differences(run, reference, (*reference[:-1], *ran(name), reference[-1]))
    assert ("extra-job", name) in {(each.kind, each.job) for each in found}
