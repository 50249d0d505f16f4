"""Lines of `trace/1` read back and checked: the one place of the semantics where pydantic is imported."""

import json
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from pipelinekit.model.border import dress
from pipelinekit.semantics import scenario, trace
from pipelinekit.semantics.trace import NAMES, Line

dress(scenario.Happening, scenario.Failure, scenario.Scenario, *get_args(trace.Line))
_LINES: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in NAMES.items()}


def read_line(text: str, number: int = 1) -> Line:
    """One line of a trace. Raises ValueError with its number."""
    try:
        data = json.loads(text)
        line: Line = _LINES[data.pop("line")].validate_python(data, strict=False, extra="forbid")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = error.errors()[0]["msg"] if isinstance(error, ValidationError) else error
        raise ValueError(f"line {number} is no line of trace/1: {problem}") from None
    return line
