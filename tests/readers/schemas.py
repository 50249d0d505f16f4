"""The JSON schemas that check-jsonschema carries, used in this process (its command line takes 0.7 s a run).

No format is checked, as with `--disable-formats regex`: GitLab's `coverage` is RE2, not ECMA.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError, best_match

LONGEST_MESSAGE = 240


@cache
def schema(name: str) -> dict[str, Any]:
    """The vendored schema `name` ("gitlab-ci", "cloudbuild", "drone-ci"); shared, so copy it before changing it."""
    text = files("check_jsonschema.builtin_schemas.vendor").joinpath(f"{name}.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def reader(tree: dict[str, Any]) -> Callable[[Any], list[str]]:
    """A function from data to what the schema `tree` says against it, one line each."""
    validator = Draft7Validator(tree)

    def violations(data: Any) -> list[str]:
        return [_one_line(error) for error in validator.iter_errors(data)]

    return violations


def _one_line(error: ValidationError) -> str:
    """The deepest cause: `anyOf` alone would print the whole job."""
    cause = best_match(iter([error]))
    message = " ".join(cause.message.split())
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in cause.absolute_path)
    return f"{where.lstrip('.') or 'the file'}: {message[:LONGEST_MESSAGE]}"
