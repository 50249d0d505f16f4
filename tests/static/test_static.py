"""Every golden case, example and corpus pipeline, as each system's linters see it: clean."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pipelinekit.backend import registry
from pipelinekit.backend.emit import emit
from pipelinekit.load import load
from pipelinekit.model.plan import Plan
from pipelinekit.testing import corpus
from tests.golden_cases import cases, plan
from tests.readers.engines import require
from tests.static import shellcheck
from tests.static.finding import Files, linter

ROOT = Path(__file__).parents[2]
TARGETS = tuple(registry.entry_points())

MEANT = {"SC2016": "what a definition means literally stands in single quotes"}
"""What shellcheck asks about everywhere, and why it is meant."""

WRITTEN_SO: dict[str, str] = {
    "SC2086": "values of a matrix and commits hold no blank (PK019)",
}
"""What an example's own commands may do, with the reason. In golden cases and the corpus a definition's commands are its own affair."""


def _own(given: Plan) -> set[str]:
    """The lines that a definition holds as they are."""
    return {line for stage in given.stages for command in (*stage.setup, *stage.commands) for line in command.split("\n")}


EXAMPLES = {path.parent.name: load(str(path)) for path in (ROOT / "pipeline.py", *sorted(ROOT.glob("examples/*/pipeline.py")))}


def _raw(name: str, target: str) -> bool:
    """Whether a definition holds text of this system, which nobody but that system checks (PK1406)."""
    return any(target in raw for raw in (PLANS[name].raw, *(stage.raw for stage in PLANS[name].stages)))


PLANS = {**{name: corpus.plan(name) for name in corpus.names()}, **{case: plan(case) for case in cases()}, **EXAMPLES}


@cache
def rendered(target: str) -> dict[str, Files]:
    """The files of each pipeline that the target doesn't refuse."""
    found = {name: emit(given, target).files for name, given in PLANS.items()}
    return {name: files for name, files in found.items() if files}


@pytest.mark.parametrize("target", TARGETS)
def test_shellcheck_finds_nothing(target: str) -> None:
    require(shellcheck.missing())
    scripts = {name: list(linter(target).scripts(files)) for name, files in rendered(target).items()}
    assert sum(map(bool, scripts.values())) > 0.9 * len(scripts), "pipelines in which no script was found"
    found = [
        f"{name}: {each}"
        for name, given in scripts.items()
        for each in shellcheck.check(given)
        if each.rule not in MEANT and (each.line not in _own(PLANS[name]) or (name in EXAMPLES and each.rule not in WRITTEN_SO))
    ]
    assert found == []


@pytest.mark.parametrize("target", TARGETS)
def test_no_rule_is_broken(target: str) -> None:
    found = [
        f"{name}: {each}" for name, files in rendered(target).items() for each in linter(target).rules(files) if not _raw(name, target)
    ]
    assert found == []


@pytest.mark.parametrize(("target", "name"), [(target, name) for target in TARGETS for name in linter(target).linters])
def test_other_linters_find_nothing(target: str, name: str) -> None:
    missing, check = linter(target).linters[name]
    require(missing())
    found = [f"{pipeline}: {each}" for pipeline, files in rendered(target).items() for each in check(files)]
    assert found == []
