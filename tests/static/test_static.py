"""Every golden case, example and corpus pipeline, as each system's linters see it: clean."""

from __future__ import annotations

from collections.abc import Iterator
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

WRITTEN_SO: dict[str, dict[str, str]] = {
    "scripts-hostile": {"SC": "the commands of the case are bad on purpose"},
}
"""What shellcheck says of commands that a definition holds as they are: case, beginning of the code, reason."""


def _plans() -> Iterator[tuple[str, Plan]]:
    yield from ((case, plan(case)) for case in cases())
    yield from ((path.parent.name, load(str(path))) for path in (ROOT / "pipeline.py", *sorted(ROOT.glob("examples/*/pipeline.py"))))
    yield from ((name, corpus.plan(name)) for name in corpus.names())


@cache
def rendered(target: str) -> dict[str, Files]:
    """The files of each pipeline that the target doesn't refuse."""
    found = {name: emit(given, target).files for name, given in _plans()}
    return {name: files for name, files in found.items() if files}


@pytest.mark.parametrize("target", TARGETS)
def test_shellcheck_finds_nothing(target: str) -> None:
    require(shellcheck.missing())
    scripts = {name: list(linter(target).scripts(files)) for name, files in rendered(target).items()}
    assert sum(map(bool, scripts.values())) > 0.9 * len(scripts), "pipelines in which no script was found"
    checked = [script for name, found in scripts.items() if name not in WRITTEN_SO for script in found]
    assert [str(each) for each in shellcheck.check(checked)] == []


@pytest.mark.parametrize("target", TARGETS)
def test_no_rule_is_broken(target: str) -> None:
    found = [f"{name}: {each}" for name, files in rendered(target).items() for each in linter(target).rules(files)]
    assert found == []


@pytest.mark.parametrize(("target", "name"), [(target, name) for target in TARGETS for name in linter(target).linters])
def test_other_linters_find_nothing(target: str, name: str) -> None:
    missing, check = linter(target).linters[name]
    require(missing())
    found = [f"{pipeline}: {each}" for pipeline, files in rendered(target).items() for each in check(files)]
    assert found == []
