"""The Plan as JSON: out, and in again to the same plan. The one place of the model where pydantic is imported."""

import json
from dataclasses import field as dataclass_field
from dataclasses import make_dataclass
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from pipelinekit import model
from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.model.plan import Plan, Source
from pipelinekit.model.value import REQUIRED, Field

VERSION = "plan/1"


def dress(*classes: type) -> None:
    """Tell pydantic what the fields of our values are, in the one language that it reads off classes not its own."""
    for cls in classes:
        names: dict[str, Field] = getattr(cls, "__value_fields__")  # noqa: B009  # set by the decorator
        hints = get_type_hints(cls)
        shadow = make_dataclass(cls.__name__, [(name, hints[name], _described(each)) for name, each in names.items()])
        for attribute in ("__dataclass_fields__", "__dataclass_params__"):
            setattr(cls, attribute, getattr(shadow, attribute))


def _described(each: Field) -> Any:
    if each.factory is not None:
        return dataclass_field(default_factory=each.factory)
    return dataclass_field() if each.default is REQUIRED else dataclass_field(default=each.default)


dress(*(getattr(model, name) for name in model.__all__))
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
