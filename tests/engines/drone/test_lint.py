"""Drone's own parsers and linters: nothing to say of what is rendered, and something of what is wrong."""

from __future__ import annotations

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.testing import corpus
from pipelinekit.testing.suite import fitted
from tests.engines.drone import conformance, program
from tests.engines.drone.rig import file, pipeline
from tests.golden_cases import cases
from tests.golden_cases import plan as golden
from tests.readers import engines


@pytest.fixture(autouse=True)
def _there() -> None:
    engines.require(program.built()[1])


def test_rendered_files_are_right() -> None:
    plans = {**{f"golden/{name}": golden(name) for name in cases()}, **{name: corpus.plan(name) for name in corpus.names()}}
    rendered = {name: emit(fitted(plan, conformance()), "drone").files for name, plan in plans.items()}
    texts = {f"{name}/{path}": text for name, files in rendered.items() for path, text in files.items()}
    assert len(texts) > 100
    assert {name: said for name, said in zip(texts, program.lint(list(texts.values())), strict=True) if said} == {}


def test_wrong_files_are_not() -> None:
    good = pipeline("a", "name: one, commands: [true]")
    wrong = {
        "a comment before the first document": f"# here\n---\n{good}",
        "two of one name": file(good, good),
        "a step that isn't there": good.replace("commands", "depends_on: [two], commands"),
        "a substitution that bash alone knows": good.replace("[true]", "['echo ${A[0]}']"),
        "a map in place of a command": good.replace("[true]", "[{echo a: b}]"),
        "the privilege": good.replace("commands", "privileged: true, commands"),
    }
    assert [name for name, said in zip(wrong, program.lint(list(wrong.values())), strict=True) if not said] == []
    assert program.lint([good]) == [[]]
