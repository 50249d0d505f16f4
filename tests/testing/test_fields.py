"""No target passes over a field of a definition in silence; and the search for such fields finds what there is to find."""

from __future__ import annotations

from functools import cache

import pytest

from pipelinekit.backend import registry
from pipelinekit.check import check
from pipelinekit.model.plan import Event, Need, Plan, Stage
from pipelinekit.testing.changes import OF_CELLS, VALUES, Change, changes
from pipelinekit.testing.fields import (
    INEFFECTIVE,
    OTHERS,
    Ineffective,
    Silent,
    Told,
    applies,
    explained,
    meaning,
    passed_over,
    silent,
    silent_fields,
)
from tests.conftest import Define
from tests.mutants import Mutant
from tests.mutants.kill import conformance, pipelines, plan_of
from tests.mutants.patches import edited, in_force

TARGETS = tuple(registry.entry_points())
PARTS = 16
"""The plans are looked at in so many parts; the first is in the fast half of the tests."""


def plans(part: int) -> dict[str, Plan]:
    return {name: plan_of(name) for name in pipelines()[part::PARTS]}


@cache
def looked_at(target: str, part: int) -> list[tuple[Silent, Change, Told]]:
    return list(passed_over(target, plans(part), conformance(target).settings))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("part", [part if part == 0 else pytest.param(part, marks=pytest.mark.slow) for part in range(PARTS)])
def test_no_field_is_passed_over(target: str, part: int) -> None:
    found = [one for one, change, told in looked_at(target, part) if not explained(one, change, told, plan_of(one.pipeline))]
    assert [str(each) for each in found] == []


@pytest.mark.slow
def test_the_list_holds_nothing_that_is_not_so() -> None:
    """Each entry is needed, on each of its targets."""
    needed: dict[Ineffective, set[str]] = {entry: set() for entry in INEFFECTIVE}
    for target in TARGETS:
        for one, change, told in (each for part in range(PARTS) for each in looked_at(target, part)):
            for entry in INEFFECTIVE:
                if applies(entry, one, change, told.diagnostics):
                    needed[entry].add(target)
    assert {entry.field: entry.targets for entry, found in needed.items() if not found or not found.issuperset(entry.targets)} == {}


INSIDE = {
    *("Stage.container", "Stage.checkout", "Registry.username", "Registry.password", "Source.file", "Source.line"),
    *("Need.stage", "Plan.environments"),
    "Plan.locked",
}
"""Changed as a whole with what they are in, or field by field inside of them; the lock is a file of its own, with tests/lock."""


def test_every_field_of_the_model_is_changed() -> None:
    changed = {change.field.partition("[")[0] for name in pipelines() for change in changes(plan_of(name))}
    fields = {f"{kind.__name__}.{name}" for kind in VALUES for name in vars(kind)["__value_fields__"]}
    assert fields - changed == {*OF_CELLS, *INSIDE}
    assert changed - fields == {"Registry.Secret.name", "Registry.Secret.stored", "Registry.Secret.file", "Registry.Secret.optional"}


def test_no_definition_sets_what_the_matrix_pass_does() -> None:
    assert not any(stage.cell or stage.of for name in pipelines() for stage in plan_of(name).stages)


@cache
def example() -> tuple[Plan, tuple[Change, ...]]:
    plan = plan_of("examples/price-service")
    return plan, tuple(changes(plan))


def test_most_changes_are_definitions_too() -> None:
    """What `check` refuses proves nothing of a target."""
    _, found = example()
    refused = [change.path for change in found if any(each.level == "error" for each in check(change.plan))]
    assert len(refused) < len(found) / 10


def test_no_change_is_none() -> None:
    plan, found = example()
    assert {change.field for change in found if change.plan == plan} == {"Plan.source", "Environment.source", "Stage.source"}


BUGS = {
    "Stage.timeout": ("gitlab", edited("pipelinekit_gitlab.jobs:_frame", '"timeout": period(stage.timeout)', '"timeout": period(1200)')),
    "Service.port": (
        "gitlab",
        edited("pipelinekit_gitlab.scripts:before", "[script.wait_for(service) for service in stage.services]", "[]"),
    ),
    "Container.args": ("gitlab", edited("pipelinekit_gitlab.containers:_build", "in container.args", "in ()")),
}


@pytest.mark.parametrize("field", BUGS)
def test_a_field_that_a_bug_passes_over_is_found(field: str) -> None:
    target, patch = BUGS[field]
    bug = Mutant(field, patch)
    given = {name: plan_of(f"golden/{name}") for name in ("timeout-and-retries", "services", "container")}
    with in_force(target, bug):
        found = {each.field for each in silent_fields(target, given, conformance(target).settings)}
    assert field in found


PUSH = 'from pipelinekit import *\np = Pipeline("demo", image="x", triggers=[on.push()])\n'

SAME = {
    "what a stage runs on anyway": ('p.test("a")', 'p.test("a", on=[on.push()])'),
    "a need behind another one": (
        'a = p.test("a")\nb = p.lint("b", needs=[a])\np.step("c", needs=[b])',
        'a = p.test("a")\nb = p.lint("b", needs=[a])\np.step("c", needs=[a, b])',
    ),
    "files that are asked for with their order": (
        'a = p.build("a", outputs="a/")\np.step("c", needs=[a["a/"]])',
        'a = p.build("a", outputs="a/")\np.step("c", needs=[a, a["a/"]])',
    ),
    "a condition of pull requests where there are none": ('p.test("a")', 'p.test("a", only_if=changed("src/**"))'),
    "globs beside one that takes all": ('p.test("a", on=[on.push("**")])', 'p.test("a", on=[on.push("**", "x/*")])'),
}


@pytest.mark.parametrize("one, other", SAME.values(), ids=SAME)
def test_the_same_meaning(define: Define, one: str, other: str) -> None:
    assert meaning(define(PUSH + one)) == meaning(define(PUSH + other))


OTHER = {
    "other events": ('p.test("a")', 'p.test("a", on=[on.push("x/*")])'),
    "another order": ('a = p.test("a")\np.lint("b")', 'a = p.test("a")\np.lint("b", needs=[a])'),
    "other files": (
        'a = p.build("a", outputs="a/")\np.step("c", needs=[a])',
        'a = p.build("a", outputs="a/")\np.step("c", needs=[a["a/"]])',
    ),
    "forks": (
        'p.test("a", on=[on.pull_request()])',
        'p.test("a", on=[on.pull_request(forks=True)])',
    ),
}


@pytest.mark.parametrize("one, other", OTHER.values(), ids=OTHER)
def test_another_meaning(define: Define, one: str, other: str) -> None:
    assert meaning(define(PUSH + one)) != meaning(define(PUSH + other))


def test_a_plan_and_itself(define: Define) -> None:
    plan = define(PUSH + 'p.test("a")')
    other = define(PUSH + 'p.test("b")')
    for target in TARGETS:
        assert silent(plan, plan, target)
        assert not silent(plan, other, target)


def test_what_is_refused_is_not_passed_over(define: Define) -> None:
    plan = define(PUSH + 'p.test("a")')
    broken = Plan("demo", (Stage("test", "test", (Need("no"),), image="x", commands=("a",)),), triggers=(Event("push"),))
    assert not silent(plan, broken, "gitlab")


def test_entries_for_other_targets(define: Define) -> None:
    change = Change("Plan.raw[gitlab]", "raw[gitlab]", define(PUSH + 'p.test("a")'))
    here, elsewhere = (Silent(target, "x", change.field, change.path) for target in ("gitlab", "drone"))
    entry = Ineffective(f"Plan.raw{OTHERS}", "")
    assert applies(entry, elsewhere, change, ())
    assert not applies(entry, here, change, ())
    assert applies(Ineffective("Plan.raw", ""), here, change, ())
    assert not applies(Ineffective("Plan.raw", "", told="raw"), here, change, ())
    assert not applies(Ineffective("Plan.raw", "", where=lambda _: False), here, change, ())
