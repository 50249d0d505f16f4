"""What a system makes of a feature, as data with a reason. Nothing else exists: no silent drop."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from pipelinekit.model.features import Feature, Use
from pipelinekit.model.value import value

if TYPE_CHECKING:
    from pipelinekit.backend.interface import Request
    from pipelinekit.semantics.agreement import Kind


@value
class Native:
    """The engine does it."""

    reason: str = ""
    hint: str = ""


@value
class Lowered:
    """Rewritten, meaning kept; told as a note. `shows` are differences that the contract itself allows a system there: more files,
    where jobs in sequence work in one tree.
    """

    reason: str
    hint: str = ""
    shows: "tuple[Kind, ...]" = ()


@value
class Weakened:
    """Only ever runs less, later, one after another, or shows more files; a warning, an error under --strict unless accepted.

    `shows` are the differences that a trace of a run can have for it: the conformance suite admits these and wants to see one.
    `static` says, in place of them, why no trace shows it.
    """

    reason: str
    hint: str = ""
    shows: "tuple[Kind, ...]" = ()
    static: str = ""


@value
class Unsafe:
    """May run more, earlier, at the same time, with older code or a wider secret; an error unless accepted. The rest as `Weakened`."""

    reason: str
    hint: str = ""
    shows: "tuple[Kind, ...]" = ()
    static: str = ""


@value
class Refused:
    """No honest form; always an error."""

    reason: str
    hint: str = ""


Support: TypeAlias = Native | Lowered | Weakened | Unsafe | Refused


@value
class Case:
    """What the system makes of the uses for which `holds` is true; `text` says in words when that is ("more than 2 retries")."""

    text: str
    holds: Callable[[Use, "Request[Any]"], bool]
    support: Support


Table: TypeAlias = Mapping[Feature, Support | tuple[Case | Support, ...]]


def cases(entry: Support | tuple[Case | Support, ...]) -> tuple[Case | Support, ...]:
    return entry if isinstance(entry, tuple) else (entry,)


def support(table: Table, use: Use, request: "Request[Any]") -> Support:
    """What the table says of one use: the first case that holds, or the entry without a condition. Raises KeyError."""
    for case in cases(table[use.feature]):
        if not isinstance(case, Case):
            return case
        if case.holds(use, request):
            return case.support
    raise KeyError(f"no unconditional entry for {use.feature}")
