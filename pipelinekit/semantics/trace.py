"""`trace/1`: what happened in a run, one JSON object a line, in the order of time.

A content is named by its hash where commands really ran, and by its producer (`build#1`: the first attempt of `build`) where the
interpreter, which runs nothing, wrote the trace. Secrets appear as `present` or `absent` alone.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias

from pipelinekit.model.plan import EventKind
from pipelinekit.model.value import field, value
from pipelinekit.semantics.scenario import Scenario

VERSION = 1
Outcome: TypeAlias = Literal["passed", "failed", "allowed", "timeout"]
RunOutcome: TypeAlias = Literal["passed", "failed", "stopped", "nothing"]
Why: TypeAlias = Literal["need", "unchanged", "gate", "overtaken", "beside-trunk", "no-failure", "unknown"]
Decision: TypeAlias = Literal["approved", "rejected"]


@value
class RunStart:
    """A run of `scenario` begins, on `commit`, on `engine` (`reference` for the interpreter)."""

    event: EventKind
    commit: str
    engine: str
    scenario: Scenario | None = None


@value
class JobStart:
    """An attempt of a job begins. `env` holds the declared variables that it sees, `absent` names declared elsewhere that it doesn't;
    `inputs` the content of each path that it asks for; `extra` files beyond its commit's and those;
    `lacks` files of its commit that aren't there; `services` as `alias:port`.

    An attempt that ends before its first command, for want of a secret, is `seen` by nobody: the rest is empty then.
    """

    job: str
    attempt: int = 1
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    inputs: dict[str, str] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    seen: bool = True


@value
class Command:
    """A command ended with `exit`. `published` are the references under which a container build pushed its image."""

    job: str
    index: int
    exit: int
    attempt: int = 1
    published: tuple[str, ...] = ()


@value
class Gate:
    gate: str
    decision: Decision


@value
class JobEnd:
    """An attempt ended; `outputs` holds the content of each declared output of one that passed, and of the parts that others ask for."""

    job: str
    outcome: Outcome
    attempt: int = 1
    outputs: dict[str, str] = field(default_factory=dict)


@value
class JobSkip:
    """A selected job that never started, or that its filter ended."""

    job: str
    why: Why = "unknown"


@value
class RunEnd:
    """`stopped`: a person, a newer delivery or a tag beside trunk kept jobs from starting; `nothing`: no job was selected."""

    outcome: RunOutcome


Line: TypeAlias = RunStart | JobStart | Command | Gate | JobEnd | JobSkip | RunEnd
Trace: TypeAlias = tuple[Line, ...]

NAMES: dict[str, type[Any]] = {
    "run.start": RunStart,
    "job.start": JobStart,
    "command": Command,
    "gate": Gate,
    "job.end": JobEnd,
    "job.skip": JobSkip,
    "run.end": RunEnd,
}
_WORDS = {kind: name for name, kind in NAMES.items()}


def to_json(line: Line) -> str:
    """One line of a trace file, without its newline; fields at their defaults are left out."""
    return json.dumps({"line": _WORDS[type(line)], **_plain(line)}, ensure_ascii=False, separators=(", ", ": "))


def write(traces: Iterable[Trace]) -> str:
    """The text of a trace file: runs one after the other, each from `run.start` to `run.end`."""
    return "".join(f"{to_json(line)}\n" for trace in traces for line in trace)


def read(text: str) -> Iterator[Trace]:
    """The runs of a trace file. Raises ValueError, with the number of the line, for what is no trace/1."""
    from pipelinekit.semantics.trace_border import read_line

    run: list[Line] = []
    for number, text_line in enumerate(text.removesuffix("\n").split("\n") if text else (), 1):
        line = read_line(text_line, number)
        if isinstance(line, RunStart) is bool(run):
            raise ValueError(f"line {number}: a run begins with run.start, and has one")
        run.append(line)
        if isinstance(line, RunEnd):
            yield tuple(run)
            run = []
    if run:
        raise ValueError("the last run has no run.end")


def _plain(given: Any) -> Any:
    fields = getattr(given, "__value_fields__", None)
    if fields is not None:
        return {name: _plain(getattr(given, name)) for name, each in fields.items() if _tells(getattr(given, name), each)}
    if isinstance(given, tuple):
        return [_plain(each) for each in given]
    if isinstance(given, dict):
        return {key: _plain(each) for key, each in given.items()}
    return given


def _tells(given: Any, each: Any) -> bool:
    return bool(given != (each.factory() if each.factory else each.default))
