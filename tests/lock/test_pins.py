"""What a lock changes in the files of every system: images, and nothing else that a run would show."""

from __future__ import annotations

import re
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given, settings

from pipelinekit import Matrix, Pipeline, Secret, on
from pipelinekit.backend import registry
from pipelinekit.backend.emit import Emission, emit, images
from pipelinekit.check import check
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from pipelinekit.semantics.interpreter import simulate
from pipelinekit.semantics.pins import moving, pin
from pipelinekit.testing.scenarios import scenarios
from tests.golden_cases import cases, plan
from tests.lock import listing
from tests.strategies import plans
from tests.test_golden import problems

TARGETS = tuple(registry.entry_points())


def digest(image: str) -> str:
    return f"sha256:{sha256(image.encode()).hexdigest()}"


@cache
def locked(case: str) -> Plan:
    """A case with a lock of all that its files name, as `pipelinekit lock` would make it."""
    found = plan(case)
    named = {*moving(found), *(image for target in TARGETS for image in images(found, target) or ())}
    return replace(found, locked={image: digest(image) for image in named})


@cache
def emission(case: str, target: str) -> Emission:
    return emit(locked(case), target)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", cases())
def test_every_image_of_every_file_has_its_digest(case: str, target: str) -> None:
    files = emission(case, target).files
    assert set(files) == set(emit(plan(case), target).files)
    own = {ref.partition("$")[0] for stage in plan(case).stages if stage.container for ref in stage.container.refs}
    raw = repr((plan(case).raw, [stage.raw for stage in plan(case).stages]))
    for image in listing.images(target, files):
        name, _, pinned = image.partition("@")
        made_here = any(name.startswith(ref) for ref in own)
        known = {digest(each) for each in locked(case).locked or () if each == name or each.startswith(f"{name}:")}
        written_so = any(stage.image == image for stage in plan(case).stages)
        assert pinned in known or made_here or written_so or name in raw, (case, target, image)
    for image in moving(plan(case)):
        for path, text in files.items():
            if target != "concourse":
                assert not re.search(rf"(?<![\w./-]){re.escape(image)}(?![\w.@-])", text) or image in raw, (path, image)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("case", cases())
def test_the_targets_reader_has_nothing_against_it(case: str, target: str) -> None:
    files = emission(case, target).files
    if files:
        assert problems(target, files) == []


def test_the_listing_finds_images() -> None:
    """Without a lock there are some, on every target: the tests above have something to look at."""
    for target in TARGETS:
        found = [image for case in cases() for image in listing.images(target, emit(plan(case), target).files)]
        assert len(found) > 50, target
        assert any("@" not in image for image in found)


@settings(max_examples=150, deadline=None)
@given(plans())
def test_traces_and_selection_are_the_same(written: Plan) -> None:
    if any(finding.level == "error" for finding in check(written)):
        return
    pinned = pin(replace(written, locked={image: digest(image) for image in moving(written)}))
    assert moving(pinned) == {}
    for scenario in scenarios(written)[:12]:
        assert simulate(pinned, scenario) == simulate(written, scenario)


@pytest.mark.parametrize("case", cases())
def test_traces_of_the_golden_cases_are_the_same(case: str) -> None:
    for scenario in scenarios(plan(case)):
        assert simulate(pin(locked(case)), scenario) == simulate(plan(case), scenario), scenario.name


def test_the_header_follows_the_lock_as_far_as_the_target_sees_it() -> None:
    first = emission("one-test", "gitlab").files[".gitlab-ci.yml"]
    found = locked("one-test")
    assert found.locked
    image = next(iter(moving(found)))
    moved = emit(replace(found, locked={**found.locked, image: digest("moved")}), "gitlab").files[".gitlab-ci.yml"]
    unseen = emit(replace(found, locked={**found.locked, "nobody:1": digest("x")}), "gitlab").files[".gitlab-ci.yml"]
    assert moved.splitlines()[2] != first.splitlines()[2]
    assert unseen == first


def test_a_plan_with_a_lock_that_lacks_an_image_is_not_rendered() -> None:
    ended = emit(replace(plan("one-test"), locked={}), "gitlab")
    assert ended.files == {}
    assert [finding.code for finding in ended.diagnostics if finding.level == "error"] == ["PK040"]


@pytest.mark.parametrize("target", TARGETS)
def test_cells_of_any_name_become_jobs_that_the_system_takes(target: str) -> None:
    """What a value may be, a stage's name may not; and two cells may differ by their letters' case alone."""
    system = Matrix("os", "Ubuntu", "ubuntu", "debian_12", "3.10", "A-B")
    p = Pipeline("cells", image="python:3.12-slim", triggers=[on.push(), on.pull_request()])
    test = p.test("./all.sh", image=f"registry.example.com/test:{system}", matrix=system, secrets=[Secret("TOKEN")])
    p.build("./make.sh", needs=[test])
    made = p.plan()
    files = emit(replace(made, locked={image: digest(image) for image in (*moving(made), *(images(made, target) or ()))}), target).files
    assert files
    assert problems(target, files) == []
    for image in moving(made):
        assert any(digest(image) in text for text in files.values()), image


def test_a_plan_from_json_can_write_nothing_but_digests() -> None:
    """What stands behind the @ goes into files as it is."""
    (image,) = moving(plan("one-test"))
    found = replace(plan("one-test"), locked={image: "sha256:0\n  script: [id]"})
    for said in (check(found), emit(found, "gitlab").diagnostics):
        assert [finding.code for finding in said if finding.level == "error"] == ["PK040"]
    assert emit(found, "gitlab").files == {}
