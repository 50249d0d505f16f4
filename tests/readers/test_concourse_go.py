"""Concourse's own code accepts what is rendered, finds the variables that are meant and no others, and agrees with the reader."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from pipelinekit.backend.emit import emit
from tests import golden_cases

from . import concourse, concourse_go
from .concourse_grammar import VARIABLE
from .test_concourse import BAD

PATH = "ci/pipeline.yml"


@cache
def answers() -> dict[str, dict[str, Any]]:
    rendered = {case: emit(golden_cases.plan(case), "concourse").files.get(PATH, "") for case in golden_cases.cases()}
    texts = {case: text for case, text in rendered.items() if text}
    return {case: answer | {"text": texts[case]} for case, answer in zip(texts, concourse_go.ask([*texts.values()]), strict=True)}


@pytest.mark.parametrize("case", golden_cases.cases())
def test_what_is_rendered_is_accepted(case: str) -> None:
    answer = answers().get(case, {"problems": []})
    assert answer["problems"] == []


@pytest.mark.parametrize("case", golden_cases.cases())
def test_the_variables_are_those_that_the_pattern_finds(case: str) -> None:
    answer = answers().get(case, {"text": "", "variables": []})
    data = concourse.read({PATH: answer["text"]})[PATH] if answer["text"] else {}
    found = {match[0][2:-2] for match in VARIABLE.finditer(repr(data))}
    assert set(answer["variables"]) == found


def test_what_concourse_refuses_the_reader_refuses_too() -> None:
    """The reader refuses more: what fails at run time alone."""
    texts = {case: text for case, (text, _) in BAD.items()}
    for (case, text), answer in zip(texts.items(), concourse_go.ask([*texts.values()]), strict=True):
        if answer["problems"]:
            assert concourse.problems({PATH: text}), (case, answer["problems"])
