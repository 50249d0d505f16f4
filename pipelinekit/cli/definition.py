"""What all commands begin with: the definition, read and checked, or findings and an exit code."""

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pipelinekit.check import check
from pipelinekit.cli.guard import reading
from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.load import load
from pipelinekit.model.plan import Plan, Source

if TYPE_CHECKING:
    from collections.abc import Iterator


def checked(file: str) -> tuple[Plan, tuple[Diagnostic, ...]]:
    """The plan of a definition, or of the JSON that `show --json` prints, and what there is to say about it.

    Raises DefinitionError when it can't be read.
    """
    if file.endswith(".json"):
        plan = _from_json(file)
    else:
        with reading(file):
            plan = load(file)
    return plan, check(plan)


def _from_json(file: str) -> Plan:
    from pipelinekit.model.border import from_json

    try:
        with open(file, encoding="utf-8") as stream:
            return from_json(stream.read(), file)
    except (OSError, UnicodeDecodeError) as error:
        raise DefinitionError(Diagnostic("PK031", "error", f"can't read {file}: {error}", "", Source(file))) from None


def failed(diagnostics: "tuple[Diagnostic, ...] | list[Diagnostic]") -> bool:
    return any(diagnostic.level == "error" for diagnostic in diagnostics)


@contextmanager
def without_gc() -> "Iterator[None]":
    """A definition and what is made of it live until the process ends: looking for garbage among it costs a third of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
