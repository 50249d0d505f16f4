"""The plan as JSON: out and in again, by the published schema."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from pipelinekit.diagnostics import DefinitionError
from pipelinekit.model.border import from_json, schema, to_json
from pipelinekit.model.plan import Plan
from tests.golden_cases import cases, plan

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema" / "plan-1.json"


def test_the_published_schema_is_the_codes() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == json.loads(json.dumps(schema()))


@pytest.mark.parametrize("case", cases())
def test_every_case_fits_the_schema_and_reads_back_equal(case: str) -> None:
    text = to_json(plan(case))
    jsonschema.validate(json.loads(text), json.loads(PUBLISHED.read_text(encoding="utf-8")))
    again = from_json(text)
    assert again == plan(case)
    assert [stage.source for stage in again.stages] == [stage.source for stage in plan(case).stages]
    assert to_json(again) == text


GOOD = json.loads(to_json(plan("environment")))


def changed(**changes: object) -> str:
    return json.dumps({**GOOD, **changes})


@pytest.mark.parametrize(
    "text, code, words",
    [
        ("{", "PK031", "not JSON"),
        ("[]", "PK031", "the document's schema is None, not 'plan/1'"),
        ("{}", "PK031", "schema is None"),
        (changed(schema="plan/2"), "PK031", "schema is 'plan/2'"),
        (changed(colour="red"), "PK032", "colour"),
        (changed(stages="x"), "PK032", "stages"),
        (changed(stages=[{"name": "x"}]), "PK032", "stages.0.kind"),
        (changed(stages=[{**GOOD["stages"][0], "kind": "dance"}]), "PK032", "stages.0.kind"),
        (changed(stages=[{**GOOD["stages"][0], "retries": "many"}]), "PK032", "stages.0.retries"),
        (changed(stages=[{**GOOD["stages"][0], "colour": "red"}]), "PK032", "stages.0.colour"),
    ],
)
def test_anything_else_is_refused_with_its_place(text: str, code: str, words: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        from_json(text, "plan.json")
    said = refused.value.diagnostics[0]
    assert (said.code, said.source.file) == (code, "plan.json")
    assert words in said.message


def test_an_empty_plan_has_its_defaults() -> None:
    assert from_json('{"schema": "plan/1", "name": "x", "stages": []}') == Plan("x", ())
