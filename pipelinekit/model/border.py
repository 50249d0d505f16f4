"""The Plan as JSON: out, and in again to the same plan. The one place of the model where pydantic is imported."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import field as dataclass_field
from dataclasses import make_dataclass
from typing import Any, NoReturn, get_type_hints

from pydantic import TypeAdapter, ValidationError

from pipelinekit import model
from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.model.plan import Plan, Source
from pipelinekit.model.value import REQUIRED, Field

VERSION = "plan/1"
LARGEST = 50_000_000
"""How many characters a document may have."""
SHOWN = 20
"""How many mistakes of a document are told one by one."""


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


def to_json(plan: Plan, outsiders: Mapping[str, Sequence[str]] | None = None) -> str:
    """The plan as an indented JSON document that names its version; fields that hold their defaults are there too.

    `outsiders` tells which stages see which variables with a text that outsiders choose: it follows from the rest, and is not read back.
    """
    data = {"schema": VERSION, **_PLAN.dump_python(plan, mode="json")}
    if outsiders is not None:
        data["outsiders"] = {stage: list(names) for stage, names in outsiders.items()}
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str, file: str = "plan.json") -> Plan:
    """The plan that a document of `to_json` holds. Raises DefinitionError for anything else, with the place in the document."""
    if len(text) > LARGEST:
        raise DefinitionError(Diagnostic("PK041", "error", f"the document is larger than {LARGEST // 1_000_000} MB", "", Source(file)))
    try:
        data = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        why = "it is nested too deeply" if isinstance(error, RecursionError) else error
        raise DefinitionError(Diagnostic("PK031", "error", f"not JSON: {why}", "", Source(file))) from None
    version = data.pop("schema", None) if isinstance(data, dict) else None
    if isinstance(data, dict):
        data.pop("outsiders", None)
    if version != VERSION:
        shown = version if version is None else str(version)[:40]
        message = f"the document's schema is {shown!r}, not {VERSION!r}"
        raise DefinitionError(Diagnostic("PK031", "error", message, "pipelinekit show --json prints one", Source(file)))
    try:
        return _PLAN.validate_python(data, strict=False, extra="forbid")
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_context=False, include_input=False)
        more = len(wrong) - SHOWN
        last = [Diagnostic("PK032", "error", f"and {more:,} more of the kind", "", Source(file))] if more > 0 else []
        raise DefinitionError(*(_problem(each, file) for each in wrong[:SHOWN]), *last) from None
    except RecursionError:
        raise DefinitionError(Diagnostic("PK032", "error", "the document is nested too deeply", "", Source(file))) from None


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number of JSON")


def schema() -> dict[str, Any]:
    """The JSON schema of the document, as published in docs/schema."""
    body = _PLAN.json_schema(mode="serialization")
    body["properties"] = {"schema": {"const": VERSION}, **body["properties"]}
    told = "which stages see which variables with a text that outsiders choose; follows from the rest, and is not read back"
    names = {"type": "array", "items": {"type": "string"}}
    body["properties"]["outsiders"] = {"type": "object", "description": told, "additionalProperties": names}
    body["required"] = ["schema", *body.get("required", [])]
    body["additionalProperties"] = False
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A pipelinekit plan", **body}


def _problem(error: Any, file: str) -> Diagnostic:
    place = ".".join(str(part)[:100] for part in error["loc"][:12])
    said = _WORDS.get(error["type"], error["msg"].replace("tuple", "list"))
    return Diagnostic("PK032", "error", f"{place}: {said}", "", Source(file))


_WORDS = {
    "missing": "it is missing",
    "extra_forbidden": "there is no such field",
    "unexpected_keyword_argument": "there is no such field",
    "recursion_loop": "it is nested too deeply",
}
"""What pydantic says in the words of Python."""
