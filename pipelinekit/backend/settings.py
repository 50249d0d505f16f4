"""`Pipeline(targets={"gitlab": {…}})`: what only one system's side knows, read into that backend's own value class."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from pipelinekit.diagnostics import Diagnostic, nearest
from pipelinekit.model.plan import Source
from pipelinekit.model.value import REQUIRED, Field, field

SettingsT = TypeVar("SettingsT")

WORD = r"(?!-)[A-Za-z0-9_@%+=:,./-]*"
"""What stays as it is wherever a backend writes it: in scripts, inside quotes, in XML, in the commands that `setup` prints."""
LINE = r"[ -~]*"
"""What only the system's own file holds, which quotes it."""
IMAGE = r"[A-Za-z0-9][A-Za-z0-9._:/-]*(?:@sha256:[0-9a-f]{64})?"


def setting(
    default: Any = REQUIRED, *, help: str, choices: Sequence[str] = (), example: object = None, image: bool = False, form: str = WORD
) -> Any:
    """A field of a settings `@value` class, with what the reference says of it. An `image` is one that the backend's files name
    by themselves: a lock holds its digest, which the backend then gets as part of the text. Each text of a value, keys and
    items too, has the `form` (a regular expression) whole: wider than a word only where no shell and no `setup` gets it.
    """
    metadata = {"help": help, "choices": tuple(choices), "example": example, "image": image, "form": IMAGE if image else form}
    if isinstance(default, dict | list):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


def read(kind: type[SettingsT], given: Mapping[str, Any], target: str, source: Source) -> tuple[SettingsT, list[Diagnostic]]:
    """The settings, and a finding for each that is unknown or of a wrong type (whose default is then used)."""
    known: dict[str, Field] = getattr(kind, "__value_fields__")  # noqa: B009  # not a part of SettingsT that a checker knows
    values: dict[str, Any] = {}
    findings: list[Diagnostic] = []
    for name, value in given.items():
        problem = _problem(known.get(name), name, value, known)
        if problem:
            findings.append(Diagnostic("PK028", "error", f"targets[{target!r}]: {problem[0]}", problem[1], source, target))
        else:
            values[name] = value
    for name, each in known.items():
        if each.default is REQUIRED and each.factory is None and name not in values:
            if name not in given:
                message = f"targets[{target!r}]: {name} is missing"
                findings.append(Diagnostic("PK028", "error", message, str(each.metadata["help"]), source, target))
            values[name] = ""
    return kind(**values), findings


def _problem(known: Field | None, name: str, value: Any, names: Mapping[str, Any]) -> tuple[str, str] | None:
    if known is None:
        return f"there is no setting {name!r}", nearest(name, names)
    choices = known.metadata["choices"]
    if choices and value not in choices:
        return f"{name}={value!r} is none of its choices", ", ".join(repr(choice) for choice in choices)
    default = known.default if known.factory is None else known.factory()
    if default is None or default is REQUIRED:
        fits = isinstance(value, str) and value != ""
        expected = "text"
    else:
        fits = type(value) is type(default)
        expected = {"str": "text", "bool": "True or False", "int": "a whole number", "dict": "a dict", "list": "a list"}[
            type(default).__name__
        ]
    if not fits:
        return f"{name}={value!r} is not {expected}", str(known.metadata["help"])
    wrong = [text for text in _texts(value) if not isinstance(text, str) or not re.fullmatch(known.metadata["form"], text)]
    return (f"{name}: {wrong[0]!r} is no text that it can hold", str(known.metadata["help"])) if wrong else None


def _texts(value: Any) -> Iterator[Any]:
    """What must be text: the value itself, keys and what stands under them, items."""
    if isinstance(value, dict):
        yield from (*value, *value.values())
    elif isinstance(value, list):
        yield from value
    elif isinstance(value, str):
        yield value
