"""The protocol between the core and a system: a table, settings, and three functions."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeAlias, TypeVar

from pipelinekit.backend.limits import Limit
from pipelinekit.backend.privilege import Privilege
from pipelinekit.backend.support import Table
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import value
from pipelinekit.semantics.selection import Selection

SettingsT = TypeVar("SettingsT")


@value
class File:
    """One emitted file: its path relative to the project, and its whole text, header included."""

    path: str
    text: str


@value
class SetupStep:
    """Something to be configured on the system's server: what, why, and that system's own commands."""

    title: str
    why: str
    commands: tuple[str, ...] = ()


@value
class Request(Generic[SettingsT]):
    """What a backend is given: the plan as written, what runs when, its own settings, and the header's lines."""

    plan: Plan
    selection: Selection
    settings: SettingsT
    header: tuple[str, ...] = ()


Rendered: TypeAlias = Iterable[File | Diagnostic]


@value
class Backend(Generic[SettingsT]):
    """A CI system. `render` is only called for plans of which the table refuses nothing; it may yield findings on limits.

    `gives` says which credentials the system hands to every job unasked, and what keeps them small; or that there are none.
    """

    name: str
    title: str
    engine: str
    docs: str
    files: tuple[str, ...]
    table: Table
    settings: type[SettingsT]
    render: Callable[[Request[SettingsT]], Rendered]
    setup: Callable[[Request[SettingsT]], Iterable[SetupStep]]
    limits: tuple[Limit, ...] = ()
    privileges: tuple[Privilege, ...] = ()
    gives: str = ""


AnyBackend: TypeAlias = Backend[Any]
