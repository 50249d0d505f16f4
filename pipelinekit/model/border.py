"""The Plan as JSON: out, and in again to the same plan. The one place of the model where pydantic is imported."""

import json
from typing import Any

from pydantic import TypeAdapter, ValidationError

from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.model.plan import Plan, Source

VERSION = "plan/1"

_PLAN = TypeAdapter(Plan)


def to_json(plan: Plan) -> str:
    """The plan as an indented JSON document that names its version; fields that hold their defaults are there too."""
    return json.dumps({"schema": VERSION, **_PLAN.dump_python(plan, mode="json")}, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str, file: str = "plan.json") -> Plan:
    """The plan that a document of `to_json` holds. Raises DefinitionError for anything else, with the place in the document."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise DefinitionError(Diagnostic("PK031", "error", f"not JSON: {error}", "", Source(file))) from None
    version = data.pop("schema", None) if isinstance(data, dict) else None
    if version != VERSION:
        raise DefinitionError(Diagnostic("PK031", "error", f"the document's schema is {version!r}, not {VERSION!r}", "", Source(file)))
    try:
        return _PLAN.validate_python(data, strict=False, extra="forbid")
    except ValidationError as error:
        raise DefinitionError(*(_problem(each, file) for each in error.errors())) from None


def schema() -> dict[str, Any]:
    """The JSON schema of the document, as published in docs/schema."""
    body = _PLAN.json_schema(mode="serialization")
    body["properties"] = {"schema": {"const": VERSION}, **body["properties"]}
    body["required"] = ["schema", *body.get("required", [])]
    body["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A pipelinekit plan", **body}


def _problem(error: Any, file: str) -> Diagnostic:
    place = ".".join(str(part) for part in error["loc"])
    return Diagnostic("PK032", "error", f"{place}: {error['msg']}", "", Source(file))
