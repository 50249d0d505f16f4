"""The contract, a row for each line of it: a definition, a scenario, and what happens."""

from __future__ import annotations

import pytest

from pipelinekit.model.names import FACTS
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.interpreter import World, event_of, simulate
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.semantics.selection import select
from pipelinekit.semantics.trace import JobEnd, JobStart, RunStart
from tests.conftest import Define
from tests.semantics.told import told

HEAD = """\
from pipelinekit import *
from pipelinekit.recipes import container
def P(**options):
    return Pipeline("demo", image="a", **options)
S = Secret("TOKEN")
prod = Environment("prod")
"""
PUSH = Happening("push")
REQUEST = Happening("pull_request", branch="feature/one", changed=("src/app.py",))
FORK = Happening("pull_request", branch="feature/one", fork=True, changed=("src/app.py",))
TAG = Happening("tag", tag="v1")
BESIDE = Happening("tag", tag="v1", beside_trunk=True)


def fails(*jobs: str) -> Scenario:
    return Scenario("x", PUSH, failures=tuple(Failure(job) for job in jobs))


def on(happening: Happening, **more: object) -> Scenario:
    return Scenario("x", happening, **more)  # type: ignore[arg-type]  # what a row of a test gives


CHAIN = 'p = P()\na = p.lint("x")\np.test("x", needs=[a])\n'
GATED = 'p = P()\na = p.test("x")\ng = p.gate("Go?", needs=[a])\np.deploy("x", environment=prod, needs=[g])\n'
POSTS = 'p.step("x", name="notify", when="on_failure")\np.step("x", name="sweep", when="always")\n'
MAY_FAIL = 'p = P()\na = p.lint("x", allow_failure=True)\np.test("x", needs=[a])\n'
TAGGED = (
    'p = P()\ne = Environment("prod", on=[on.tag("v*")])\na = p.test("x")\n'
    'b = p.build(container("quay.io/a/b", tag=ci.sha), needs=[a])\np.deploy("x", environment=e, needs=[b])\n'
)
IMAGE = (
    'p = P()\nr = Registry("quay.io", username=Secret("USER"), password=Secret("PASSWORD"))\n'
    'b = p.build(container("quay.io/a/b", tag=ci.short_sha, also="latest", registry=r))\np.deploy("x", environment=prod, needs=[b])\n'
)
BLOCK = (
    'p = P()\na = p.test("x")\nm = p.migrate("x", environment=prod, needs=[a])\ns = p.step("x", needs=[m], on=[on.push()])\n'
    'p.deploy("x", environment=prod, needs=[s])\n'
)

ROWS: dict[str, tuple[str, Scenario, str]] = {
    # Which stages run.
    "a push to trunk": (CHAIN, on(PUSH), "lint 0 passed; test 0 passed; passed"),
    "the branch is named": (CHAIN, on(Happening("push", branch="main")), "lint 0 passed; test 0 passed; passed"),
    "a push elsewhere": (CHAIN, on(Happening("push", branch="other")), "nothing"),
    "a pull request": (GATED, on(REQUEST), "test 0 passed; passed"),
    "a pull request elsewhere": (CHAIN, on(Happening("pull_request", branch="a", target="b")), "nothing"),
    "a pull request into trunk by its name": (CHAIN, on(Happening("pull_request", branch="a", target="main")), "lint 0 passed; test 0 passed; passed"),
    "a fork, where none is taken": (CHAIN, on(FORK), "nothing"),
    "tags by their glob": ('p = P(triggers=[on.tag("v*")])\np.test("x")\n', on(Happening("tag", tag="demo-1")), "nothing"),
    "a tag that nobody named": (CHAIN, on(TAG), "nothing"),
    "globs of branches leave trunk out": ('p = P(triggers=[on.push("**")])\np.test("x")\n', on(PUSH), "nothing"),
    "and hold for all others": ('p = P(triggers=[on.push("r/*")])\np.test("x")\n', on(Happening("push", branch="r/1")), "test 0 passed; passed"),
    "but no more": ('p = P(triggers=[on.push("r/*")])\np.test("x")\n', on(Happening("push", branch="r/1/2")), "nothing"),
    "schedules by name": (
        'p = P()\np.test("x", on=[on.schedule("a", "0 3 * * *")])\np.lint("x", on=[on.schedule("b", "0 4 * * *")])\n',
        on(Happening("schedule", name="b")),
        "lint 0 passed; passed",
    ),
    # Order and failure.
    "what needs a failed stage never starts": (CHAIN, fails("lint"), "lint 1 failed; test skip need; failed"),
    "directly or not": (CHAIN + 'p.step("x", needs=[p.build("x", needs=[a])])', fails("lint"), "lint 1 failed; test skip need; build skip need; step skip need; failed"),
    "what doesn't need it still runs": ('p = P()\np.lint("x")\np.test("x")', fails("lint"), "lint 1 failed; test 0 passed; failed"),
    "needing a matrix is needing its cells": (
        'p = P()\na = p.test("x", matrix=Matrix("os", "a", "b"))\np.step("x", needs=[a])',
        fails("test-b"),
        "test-a 0 passed; test-b 1 failed; step skip need; failed",
    ),
    "a command that fails is the last": (
        'p = P()\np.test("a", "b", "c")',
        on(PUSH, failures=(Failure("test", 1, status=78),)),
        "test 0 78 failed; failed",
    ),
    "setup counts": ('p = P(setup="s")\np.test("a")', on(PUSH, failures=(Failure("test", 0),)), "test 1 failed; failed"),
    "a job that hangs": ('p = P()\np.test("a", "b", timeout="5m")', on(PUSH, failures=(Failure("test", 1, kind="hang"),)), "test 0 timeout; failed"),
    "a missing output": (
        'p = P()\na = p.test("a", "b", outputs="x")\np.step("c", needs=[a["x"]])',
        on(PUSH, failures=(Failure("test", kind="output"),)),
        "test 0 0 failed; step skip need; failed",
    ),
    # Attempts.
    "retries exhausted": ('p = P()\np.test("x", retries=2)', fails("test"), "test 1 failed; test#2 1 failed; test#3 1 failed; failed"),
    "retries that help": ('p = P()\np.test("x", retries=2)', on(PUSH, failures=(Failure("test", attempts=1),)), "test 1 failed; test#2 0 passed; passed"),
    "a timeout is tried again": (
        'p = P()\np.test("x", retries=1, timeout="5m")',
        on(PUSH, failures=(Failure("test", kind="hang", attempts=1),)),
        "test timeout; test#2 0 passed; passed",
    ),
    "an attempt without its secret is the only one": ('p = P()\np.test("x", retries=2, secrets=[S])', on(PUSH, missing=("TOKEN",)), "test unseen failed; failed"),
    # allow_failure.
    "what may fail may pass": (MAY_FAIL, on(PUSH), "lint 0 passed; test 0 passed; passed"),
    "a failure that is allowed": (MAY_FAIL, fails("lint"), "lint 1 allowed; test 0 passed; passed"),
    "is allowed after its last attempt": (
        'p = P()\np.lint("x", allow_failure=True, retries=1)',
        fails("lint"),
        "lint 1 failed; lint#2 1 allowed; passed",
    ),
    "a timeout can be allowed": (
        'p = P()\np.lint("x", allow_failure=True, timeout="5m")',
        on(PUSH, failures=(Failure("lint", kind="hang"),)),
        "lint allowed; passed",
    ),
    "a missing secret too": ('p = P()\np.lint("x", allow_failure=True, secrets=[S])', on(PUSH, missing=("TOKEN",)), "lint unseen allowed; passed"),
    # Stages after all others.
    "nothing failed": (CHAIN + POSTS, on(PUSH), "lint 0 passed; test 0 passed; notify skip no-failure; sweep 0 passed; passed"),
    "one failed": (CHAIN + POSTS, fails("lint"), "lint 1 failed; test skip need; notify 0 passed; sweep 0 passed; failed"),
    "an allowed failure is none": (MAY_FAIL + POSTS, fails("lint"), "lint 1 allowed; test 0 passed; notify skip no-failure; sweep 0 passed; passed"),
    "they can make it worse": (CHAIN + POSTS, fails("sweep"), "lint 0 passed; test 0 passed; notify skip no-failure; sweep 1 failed; failed"),
    "never better": (CHAIN + POSTS, fails("test", "notify"), "lint 0 passed; test 1 failed; notify 1 failed; sweep 0 passed; failed"),
    "a stage after all of which the others may fail": (
        'p = P()\np.test("x")\np.step("x", name="sweep", when="always", allow_failure=True)',
        fails("sweep"),
        "test 0 passed; sweep 1 allowed; passed",
    ),
    "a person who says no is no failure": (GATED + POSTS, on(PUSH, rejected=("gate",)), "test 0 passed; gate rejected; deploy-prod skip gate; notify skip no-failure; sweep 0 passed; stopped"),
    "nor is an unchanged part": (
        'p = P()\np.test("x", only_if=changed("docs/**"))\n' + POSTS,
        on(REQUEST),
        "test skip unchanged; notify skip no-failure; sweep 0 passed; passed",
    ),
    "all hold for the run of a fork": (
        'p = P(triggers=[on.pull_request(forks=True)])\np.lint("x")\np.test("x", secrets=[S])\n' + POSTS,
        on(FORK, failures=(Failure("lint"),)),
        "lint 1 failed; notify 0 passed; sweep 0 passed; failed",
    ),
    "but for those with a secret": (
        'p = P(triggers=[on.pull_request(forks=True)])\np.lint("x")\np.step("x", name="sweep", when="always", secrets=[S])',
        on(FORK),
        "lint 0 passed; passed",
    ),
    # Files that changed.
    "a part that changed": ('p = P()\np.test("x", only_if=changed("src/**"))', on(REQUEST), "test 0 passed; passed"),
    "a part that didn't": ('p = P()\np.test("x", only_if=changed("docs/**", "*.md"))', on(REQUEST), "test skip unchanged; passed"),
    "an unchanged part counts as passed": ('p = P()\na = p.test("x", only_if=changed("docs/**"))\np.step("x", needs=[a])', on(REQUEST), "test skip unchanged; step 0 passed; passed"),
    "in pull requests alone": ('p = P()\np.test("x", only_if=changed("docs/**"))', on(PUSH), "test 0 passed; passed"),
    "a failure before it comes first": (
        'p = P()\na = p.lint("x")\np.test("x", only_if=changed("docs/**"), needs=[a])',
        on(REQUEST, failures=(Failure("lint"),)),
        "lint 1 failed; test skip need; failed",
    ),
    # Gates.
    "approved": (GATED, on(PUSH), "test 0 passed; gate approved; deploy-prod 0 passed; passed"),
    "rejected": (GATED, on(PUSH, rejected=("gate",)), "test 0 passed; gate rejected; deploy-prod skip gate; stopped"),
    "nobody is asked after a failure": (GATED, fails("test"), "test 1 failed; gate skip need; deploy-prod skip need; failed"),
    "nor behind another no": (
        GATED + 'd = p.test("x", name="seen", needs=[g], on=[on.push()])\nh = p.gate("All?", name="all", needs=[d])\n'
        'p.deploy("x", environment=Environment("next"), needs=[h])',
        on(PUSH, rejected=("gate",)),
        "test 0 passed; gate rejected; deploy-prod skip gate; seen skip gate; all skip gate; deploy-next skip gate; stopped",
    ),
    "a failure beside a no is a failure": (
        GATED + 'p.lint("x")',
        on(PUSH, rejected=("gate",), failures=(Failure("lint"),)),
        "test 0 passed; gate rejected; deploy-prod skip gate; lint 1 failed; failed",
    ),
    # Deliveries that are held.
    "overtaken": (BLOCK, on(PUSH, overtaken=("prod",)), "test 0 passed; migrate-prod skip overtaken; step skip overtaken; deploy-prod skip overtaken; stopped"),
    "what needs an overtaken stage": (
        'p = P()\na = p.lint("x")\nd = p.deploy("x", environment=prod, needs=[a])\np.step("x", needs=[d], on=[on.push()])',
        on(PUSH, overtaken=("prod",)),
        "lint 0 passed; deploy-prod skip overtaken; step skip overtaken; stopped",
    ),
    "what needs a stage held by its tag": (
        'p = P()\ne = Environment("prod", on=[on.tag("v*")])\nd = p.deploy("x", environment=e)\np.step("x", needs=[d], on=[on.tag("v*")])',
        on(BESIDE),
        "deploy-prod skip beside-trunk; step skip beside-trunk; stopped",
    ),
    "an image on a tag that delivers nothing": (
        'p = P(triggers=[on.tag("v*")])\np.build(container("quay.io/a/b", tag=ci.sha))\np.deploy("x", environment=prod)',
        on(BESIDE),
        "build 0 passed; passed",
    ),
    "a tag on trunk": (TAGGED, on(TAG), "test 0 passed; build 0 quay.io/a/b:3b1c9f2e7d5a4c6088f1e2d3b4a5968778695a4b passed; deploy-prod 0 passed; passed"),
    "a tag beside trunk": (TAGGED, on(BESIDE), "test 0 passed; build skip beside-trunk; deploy-prod skip beside-trunk; stopped"),
    "a tag that delivers nothing may stand anywhere": ('p = P(triggers=[on.tag("v*")])\np.test("x")', on(BESIDE), "test 0 passed; passed"),
    # Images.
    "published in deliveries": (IMAGE, on(PUSH), "build 0 quay.io/a/b:3b1c9f2e quay.io/a/b:latest passed; deploy-prod 0 passed; passed"),
    "built elsewhere": (IMAGE, on(REQUEST), "build 0 passed; passed"),
    "where nobody signs in": (IMAGE, on(REQUEST, missing=("USER",)), "build 0 passed; passed"),
    "not published without signing in": (IMAGE, on(PUSH, missing=("USER",)), "build unseen failed; deploy-prod skip need; failed"),
    "a build that fails publishes nothing": (IMAGE, fails("build"), "build 1 failed; deploy-prod skip need; failed"),
}  # fmt: skip


@pytest.mark.parametrize("text, scenario, expected", ROWS.values(), ids=ROWS)
def test_what_happens(define: Define, text: str, scenario: Scenario, expected: str) -> None:
    assert told(simulate(define(HEAD + text), scenario)) == expected


def starts(plan: Plan, scenario: Scenario) -> dict[str, JobStart]:
    """The last attempt of each job."""
    return {line.job: line for line in simulate(plan, scenario) if isinstance(line, JobStart)}


def test_a_trace_begins_with_its_scenario(define: Define) -> None:
    first = simulate(define(HEAD + CHAIN), on(REQUEST), World(sha="f" * 40))[0]
    assert first == RunStart("pull_request", "f" * 40, "reference", on(REQUEST))


def test_variables_of_pipeline_stage_cell_and_environment(define: Define) -> None:
    plan = define(
        HEAD + 'p = P(variables={"MODE": "ci", "EMPTY": ""})\na = p.test("x", variables={"MODE": "deep"}, matrix=Matrix("os", "a"))\n'
        'p.deploy("x", environment=Environment("prod", variables={"REGION": "eu"}))'
    )
    found = starts(plan, on(PUSH))
    assert found["test-a"].env == {"MODE": "deep", "EMPTY": "", "OS": "a"}
    assert found["test-a"].absent == ("REGION",)
    assert found["deploy-prod"].env == {"MODE": "ci", "EMPTY": "", "REGION": "eu"}
    assert found["deploy-prod"].absent == ("OS",)


def test_secrets_where_they_are_named(define: Define) -> None:
    plan = define(
        HEAD
        + 'p = P()\np.test("x", secrets=[Secret("A", stored="B"), Secret("C", optional=True), Secret("D", optional=True)])\np.lint("x")'
    )
    found = starts(plan, on(PUSH, missing=("C",)))
    assert found["test"].secrets == {"A": "present", "C": "absent", "D": "present"}
    assert (found["lint"].secrets, found["lint"].absent) == ({}, ("A", "C", "D"))


def test_a_missing_secret_is_looked_for_by_its_key(define: Define) -> None:
    plan = define(HEAD + 'p = P()\np.test("x", secrets=[Secret("A", stored="B")])')
    assert told(simulate(plan, on(PUSH, missing=("A",)))) == "test 0 passed; passed"
    assert told(simulate(plan, on(PUSH, missing=("B",)))) == "test unseen failed; failed"


def test_inputs_arrive_in_manual_runs_alone(define: Define) -> None:
    plan = define(
        HEAD + 'go = on.manual("go", inputs=[Input("data-set", "houses", choices=("houses", "iris")), Input("seed", "1")])\n'
        'p = P(triggers=[on.push(), go])\np.test("x")'
    )
    assert starts(plan, on(PUSH))["test"].env == {}
    assert starts(plan, on(Happening("manual", name="go")))["test"].env == {"DATA_SET": "houses", "SEED": "1"}
    given = on(Happening("manual", name="go", inputs=(("data-set", "iris"),)))
    assert starts(plan, given)["test"].env == {"DATA_SET": "iris", "SEED": "1"}


def test_files_come_from_the_attempt_that_passed(define: Define) -> None:
    plan = define(
        HEAD + 'p = P()\na = p.build("x", outputs=["dist/", "v.txt"], retries=2)\nb = p.lint("x")\n'
        'p.test("x", needs=[a["dist/"], a["dist/app.whl"], b])\np.step("x", needs=[a])'
    )
    trace = simulate(plan, on(PUSH, failures=(Failure("build", attempts=2),)))
    found = {line.job: line for line in trace if isinstance(line, JobStart)}
    assert found["test"].inputs == {"dist/": "build#3", "dist/app.whl": "build#3"}
    assert found["step"].inputs == {}
    ends = [(line.attempt, line.outputs) for line in trace if isinstance(line, JobEnd) and line.job == "build"]
    assert ends == [(1, {}), (2, {}), (3, {"dist/": "build#3", "v.txt": "build#3", "dist/app.whl": "build#3"})]


def test_a_cells_files(define: Define) -> None:
    plan = define(
        HEAD + 'os = Matrix("os", "a", "b")\np = P()\nt = p.test("x", matrix=os, outputs=["log", f"out-{os}"])\n'
        'p.step("x", needs=[t[f"out-{os}"], t.cell(os="b")["log"]])'
    )
    assert starts(plan, on(PUSH))["step"].inputs == {"out-a": "test-a#1", "out-b": "test-b#1", "log": "test-b#1"}


def test_services_of_the_job(define: Define) -> None:
    plan = define(HEAD + 'p = P()\np.test("x", services=[Service("db", image="postgres:16", port=5432)])\np.lint("x")')
    found = starts(plan, on(PUSH))
    assert (found["test"].services, found["lint"].services) == (("db:5432",), ())


EVENTS = '[on.push(), on.push("r/*"), on.pull_request(), on.tag("v*"), on.schedule("n", "0 3 * * *"), on.manual("go")]'
NOWHERE = dict.fromkeys(("PK_BRANCH", "PK_TARGET_BRANCH", "PK_TAG", "PK_PULL_REQUEST", "PK_ENVIRONMENT"), "")


@pytest.mark.parametrize(
    "happening, changes",
    [
        (PUSH, {"PK_EVENT": "push", "PK_BRANCH": "main"}),
        (Happening("push", branch="r/1"), {"PK_EVENT": "push", "PK_BRANCH": "r/1"}),
        (REQUEST, {"PK_EVENT": "pull_request", "PK_BRANCH": "feature/one", "PK_TARGET_BRANCH": "main", "PK_PULL_REQUEST": "7"}),
        (TAG, {"PK_EVENT": "tag", "PK_TAG": "v1"}),
        (Happening("schedule", name="n"), {"PK_EVENT": "schedule", "PK_BRANCH": "main"}),
        (Happening("manual", name="go"), {"PK_EVENT": "manual", "PK_BRANCH": "main"}),
    ],
    ids=lambda given: given.kind if isinstance(given, Happening) else "",
)
def test_facts(define: Define, happening: Happening, changes: dict[str, str]) -> None:
    mentioned = " ".join(f"${{{name}}}" for name in FACTS)
    plan = define(HEAD + f'p = P(triggers={EVENTS})\np.test("echo {mentioned}")\np.lint("x")')
    found = starts(plan, on(happening))
    world = World()
    always = {"PK_SHA": world.sha, "PK_SHORT_SHA": "3b1c9f2e", "PK_REPOSITORY": "acme/widget", "PK_TITLE": world.title}
    spelled_by_the_system = dict.fromkeys(("PK_RUN_ID", "PK_RUN_URL", "PK_AUTHOR"), "*")
    assert found["test"].env == {**NOWHERE, **always, **spelled_by_the_system, **changes}
    assert found["lint"].absent == tuple(sorted(FACTS))


def test_facts_that_are_mentioned_alone(define: Define) -> None:
    plan = define(HEAD + 'p = P()\np.deploy(f"echo {ci.environment}", environment=prod)\np.test(f"echo {ci.sha}", f"echo {ci.event}")')
    found = starts(plan, on(PUSH))
    assert found["deploy-prod"].env == {"PK_ENVIRONMENT": "prod"}
    assert set(found["test"].env) == {"PK_SHA", "PK_EVENT"}


def test_a_container_build_has_no_environment(define: Define) -> None:
    plan = define(
        HEAD + 'p = P(variables={"A": "1"})\nw = p.lint("x", outputs="o")\np.build(container("q.io/a/b", tag=ci.sha), needs=[w["o"]])'
    )
    build = starts(plan, on(PUSH))["build"]
    assert (build.env, build.absent, build.inputs) == ({}, (), {"o": "lint#1"})


def test_a_happening_is_at_most_one_event(define: Define) -> None:
    plan = define(HEAD + f'p = P(triggers={EVENTS})\np.test("x")')
    selection = select(plan)
    found = [event_of(plan, selection, each) for each in (PUSH, Happening("push", branch="r/1"), REQUEST, TAG, FORK, Happening("schedule"))]
    assert [event.slug if event else None for event in found] == ["push", "push-r", "pull-request", "tag-v", None, None]
