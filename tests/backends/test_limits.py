"""Each limit of each engine: a definition just beyond it is refused by its name, one just within is rendered."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from pipelinekit.backend import registry
from pipelinekit.backend.emit import emit
from tests.backends.breach import Breach

BACKENDS = Path(__file__).parents[2] / "backends"
TARGETS = tuple(registry.entry_points())
ALL = [(target, limit.name) for target in TARGETS for limit in registry.load(target).limits]


def breaches(target: str) -> dict[str, Breach]:
    found: dict[str, Breach] = import_module(f"tests.backends.{target}.breaches").BREACHES
    return found


@pytest.mark.parametrize("target", TARGETS)
def test_each_limit_has_its_definitions(target: str) -> None:
    names = [limit.name for limit in registry.load(target).limits]
    assert len(set(names)) == len(names)
    assert sorted(breaches(target)) == sorted(names)


@pytest.mark.parametrize(("target", "name"), ALL)
def test_beyond_is_refused_by_name(target: str, name: str) -> None:
    found = emit(breaches(target)[name].beyond(), target)
    errors = [each for each in found.diagnostics if each.level == "error"]
    assert [(each.code, each.limit) for each in errors] == [("PK1408", name)] * len(errors)
    assert errors
    assert not found.files


@pytest.mark.parametrize(("target", "name"), ALL)
def test_within_is_rendered(target: str, name: str) -> None:
    within = breaches(target)[name].within
    if within is None:
        assert breaches(target)[name].why
        return
    found = emit(within(), target)
    assert [str(each) for each in found.diagnostics if each.level == "error"] == []
    assert found.files


@pytest.mark.parametrize("target", TARGETS)
def test_every_error_of_this_kind_names_its_limit(target: str) -> None:
    text = "".join(path.read_text("utf-8") for path in (BACKENDS / f"pipelinekit_{target}").glob("*.py"))
    assert not re.search(r"""["']PK1408["'],\s*["']error""", text)
    assert ALL
