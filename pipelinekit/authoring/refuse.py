"""Saying no at the user's line."""

import os
import sys
from collections.abc import Iterable
from typing import NoReturn, TypeVar

from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.model.plan import Source

_Value = TypeVar("_Value")
_INSIDE = ("pipelinekit.authoring", "pipelinekit.recipes", "pipelinekit.model")


def here() -> Source:
    """The nearest line outside of this package and Python's own: the one that the user wrote, its file relative to the working folder."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    return Source(relative(frame.f_code.co_filename), frame.f_lineno)


def _is_ours(module: str) -> bool:
    return module.startswith(_INSIDE) or module.partition(".")[0] in sys.stdlib_module_names


def relative(file: str) -> str:
    """A file as people name it from the working folder; one outside of it stays as it is."""
    if os.path.isabs(file):
        short = os.path.relpath(file)
        return file if short.startswith("..") else short
    return file


def refuse(code: str, message: str, hint: str = "", *, source: Source | None = None, related: tuple[Source, ...] = ()) -> NoReturn:
    """Raise DefinitionError with one error, at `source` or at the user's line."""
    raise DefinitionError(Diagnostic(code, "error", message, hint, source or here(), related=related))


def typed(value: object, kind: type[_Value], what: str) -> _Value:
    """The value, which must be of a kind."""
    if not isinstance(value, kind):
        refuse("PK032", f"{what}= takes {kind.__name__} values, not {type(value).__name__}")
    return value


def each(values: object, kind: type[_Value], what: str) -> tuple[_Value, ...]:
    """The values of a list, which must all be of a kind."""
    if isinstance(values, kind) or not isinstance(values, Iterable):
        refuse("PK032", f"{what}= takes a list of {kind.__name__} values, not {type(values).__name__}", f"{what}=[…]")
    return tuple(typed(value, kind, what) for value in values)
