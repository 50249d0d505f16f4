"""Each seeded bug is noticed in time; and the seeding itself reaches everything and leaves nothing behind."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from pipelinekit.backend.emit import emit
from tests.mutants import TARGETS, Mutant, of
from tests.mutants.kill import Alive, Kill, kill, sound
from tests.mutants.patches import Unfit, constant, edited, in_force, modules, package_of, replaced, swap
from tests.readers import engines, jenkins

FAST = 2
"""How many bugs of each target the fast half of the tests looks at."""

BUGS = [
    pytest.param(target, mutant, id=f"{target}-{mutant.name}", marks=[] if index < FAST else [pytest.mark.slow])
    for target in TARGETS
    for index, mutant in enumerate(of(target))
]


@pytest.mark.parametrize("target, mutant", BUGS)
def test_a_seeded_bug_is_noticed(target: str, mutant: Mutant) -> None:
    if target == "jenkins":
        engines.require(jenkins.available())
    end = kill(target, mutant)
    assert isinstance(end, Kill), str(end)


def test_there_are_enough_of_them() -> None:
    found = {target: [mutant.name for mutant in of(target)] for target in TARGETS}
    assert sum(map(len, found.values())) >= 60, {target: len(names) for target, names in found.items()}
    for target, names in found.items():
        assert len(set(names)) == len(names), target
        assert all(mutant.why for mutant in of(target)), target


RETRIES = "golden/timeout-and-retries"


def test_nothing_is_left_of_a_bug() -> None:
    plan, files = sound("drone", "golden/environment")
    bug = Mutant("no trigger", replaced("pipelinekit_drone.triggers:trigger", lambda _: lambda *_: {}))
    with in_force("drone", bug):
        assert emit(plan, "drone").files != files
    assert emit(plan, "drone").files == files


def test_a_bug_that_raises_leaves_nothing_either() -> None:
    plan, files = sound("gitlab", RETRIES)
    bug = Mutant("crash", edited("pipelinekit_gitlab.jobs:_frame", '"when": stage.when', '"when": stage.whence'))
    end = kill("gitlab", bug)
    assert isinstance(end, Kill)
    assert end.by == "render"
    assert emit(plan, "gitlab").files == files


def test_a_patch_that_changes_no_file_is_refused() -> None:
    with pytest.raises(Unfit, match="no byte of any file"):
        kill("drone", Mutant("none", edited("pipelinekit_drone.triggers:_refs", "list(refs)", "[*refs]")))


@pytest.mark.parametrize(
    "patch, words",
    [
        (edited("pipelinekit_drone.triggers:_refs", "no such text", ""), "stands there 0 times"),
        (edited("pipelinekit_drone.triggers:_no_such_function", "a", "b"), "no such thing"),
        (constant("pipelinekit_gitlab.jobs:MOST_RETRIES", 2), "is 2 already"),
    ],
)
def test_a_patch_that_fits_nothing_is_refused(patch: Any, words: str) -> None:
    with pytest.raises(Unfit, match=words):
        kill("drone", Mutant("none", patch))


def test_an_unknown_pipeline_is_refused() -> None:
    with pytest.raises(Unfit, match="no pipeline"):
        kill("drone", Mutant("none", edited("pipelinekit_drone.triggers:_refs", "list(refs)", "[]"), ("no-such-case",)))


def test_who_lives_is_said_with_what_changed() -> None:
    """A comment more in every file is a change that nobody has to notice."""
    louder = edited("pipelinekit_gitlab.documents:written", "request.header", '(*request.header, "one more line")')
    end = kill("gitlab", Mutant("a louder header", louder), seconds=1)
    assert isinstance(end, Alive)
    assert str(end).startswith("nobody noticed, though the files of ")


def test_functions_are_found_wherever_they_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the modules that import them by name, in tables, and in the Backend itself."""
    home = importlib.import_module("pipelinekit_drone.render")
    package = importlib.import_module("pipelinekit_drone")
    original = home.render

    def other(request: Any) -> Any:
        return original(request)

    with pytest.MonkeyPatch.context() as inner:
        inner.setattr(home, "HELD", {"here": [(original, 1)]}, raising=False)
        swap(inner, "pipelinekit_drone", original, other)
        assert home.render is other
        assert package.render is other
        assert package.backend.render is other
        assert {"here": [(other, 1)]} == home.HELD
    assert home.render is original
    assert package.render is original
    assert package.backend.render is original


def test_all_modules_of_a_backend_are_known() -> None:
    for target in TARGETS:
        names = {module.__name__ for module in modules(package_of(target))}
        assert {package_of(target), f"{package_of(target)}.render", f"{package_of(target)}.table"} <= names
