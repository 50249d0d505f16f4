"""Which pipelines the file has: one for the jobs that the same events start, one for each environment, one behind a gate.

A lock is a pipeline's `concurrency.limit`, counted by the pipeline's name: so an environment has exactly one pipeline,
for all events that it takes. Waiting for a person is a promotion: a build of its own, which starts other pipelines.
"""

from collections.abc import Iterable, Iterator

from pipelinekit.backend import Request
from pipelinekit.lowering import tags
from pipelinekit.model.plan import Environment, Event, Plan, Stage
from pipelinekit.model.value import replace, value
from pipelinekit.semantics import matrix
from pipelinekit.semantics.selection import Selection, select
from pipelinekit_drone.pieces import Piece, pieces, run_of, torn
from pipelinekit_drone.settings import Settings


@value
class Document:
    """One pipeline of the file.

    `runs` are the events of each of its stages. `gate` and `target` make it a promotion, for which `requires` must have
    passed. With `statuses` it runs after all others. `publishes` says that its container builds push.
    """

    name: str
    stages: tuple[Stage, ...]
    runs: dict[str, tuple[Event, ...]]
    environment: Environment | None = None
    gate: Stage | None = None
    target: str = ""
    requires: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    publishes: bool = False
    depends_on: tuple[str, ...] = ()

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(dict.fromkeys(event for events in self.runs.values() for event in events))

    def takes(self, kind: str) -> bool:
        """Whether an event of that kind starts it."""
        return any(event.kind == kind for event in self.events)


@value
class Layout:
    """The pipelines, each behind those that it depends on, and the plan that they were made from.

    `torn` are the environments and gates that have no place in such a file.
    """

    plan: Plan
    selection: Selection
    documents: tuple[Document, ...]
    torn: frozenset[str]

    def asked(self, stage: str) -> tuple[str, ...]:
        """The files of a stage that others ask for."""
        needs = (need for other in self.plan.stages for need in other.needs if need.stage == stage)
        return tuple(dict.fromkeys(path for need in needs for path in need.paths))

    def takers(self, document: Document, stage: str) -> tuple[Event, ...]:
        """The events on which another pipeline asks for a stage's files."""
        found = {
            event
            for other in self.documents
            if other is not document
            for taker in other.stages
            if any(need.stage == stage and need.paths for need in taker.needs)
            for event in other.runs[taker.name]
        }
        return tuple(event for event in document.runs[stage] if event in found)

    def demanders(self, document: Document, stage: str) -> tuple[Event, ...]:
        """The events on which a promotion demands that a stage has passed."""
        found = {event for other in self.documents if stage in other.requires for event in other.events}
        return tuple(event for event in document.runs[stage] if event in found)


_last: list[tuple[Request[Settings], Layout]] = []


def layout(request: Request[Settings]) -> Layout:
    """The layout of a request; the last one is kept, since the table asks for it at each use of some features."""
    if not _last or _last[0][0] is not request:
        _last[:] = [(request, _lay_out(request))]
    return _last[0][1]


def hides_secrets(request: Request[Settings]) -> bool:
    """Whether a pull request's run may be a fork's, which Drone doesn't tell a pipeline."""
    return not request.settings.ignore_forks or any(event.forks for event in request.selection.events)


def _lay_out(request: Request[Settings]) -> Layout:
    guarded = tags.guard(request.plan, image=request.settings.git_image)
    plan, selection = matrix.unroll(guarded), select(guarded)
    found: dict[tuple[object, ...], list[tuple[Event, Piece]]] = {}
    lost: set[str] = set()
    for event in request.selection.events:
        run = run_of(plan, selection, event, keep_secrets=not hides_secrets(request))
        lost |= torn(run)
        for piece in pieces(run, event, store=bool(request.settings.store) and event.kind != "pull_request"):
            found.setdefault(piece.key, []).append((event, piece))
    documents = [_document(same, plan) for same in found.values()]
    lost |= _waits_sometimes(found.values()) | _ambiguous(documents)
    return Layout(plan, selection, tuple(_ordered(_connected(_named(documents, plan.name)))), frozenset(lost))


def _document(same: list[tuple[Event, Piece]], plan: Plan) -> Document:
    """The pipeline of the pieces that several events have in common."""
    runs: dict[str, tuple[Event, ...]] = {}
    for event, piece in same:
        for stage in piece.stages:
            runs[stage.name] = (*runs.get(stage.name, ()), event)
    first = same[0][1]
    return Document(
        name="",
        stages=tuple(sorted((stage for stage in plan.stages if stage.name in runs), key=lambda stage: stage.is_post)),
        runs=runs,
        environment=first.environment,
        gate=first.gate,
        target=first.target,
        requires=tuple(dict.fromkeys(name for _, piece in same for name in piece.requires)),
        statuses=first.statuses,
        publishes=any(piece.publishes for _, piece in same),
    )


def _waits_sometimes(found: Iterable[list[tuple[Event, Piece]]]) -> set[str]:
    """Environments whose stages wait at a gate in the run of one event and not in that of another."""
    waits = ((same[0][1].environment, {piece.gate and piece.gate.name for _, piece in same}) for same in found)
    return {environment.name for environment, gates in waits if environment and len(gates) > 1}


def _ambiguous(documents: Iterable[Document]) -> set[str]:
    """Gates whose promotion can't tell which of several events the first build had: it knows the ref alone."""
    known: dict[str, set[Event]] = {}
    found = set()
    for document in documents:
        for events in document.runs.values() if document.gate else ():
            trunk = {event for event in events if event.kind != "tag"}
            if document.gate and trunk and known.setdefault(document.gate.name, trunk) != trunk:
                found.add(document.gate.name)
    return found


def _named(documents: list[Document], plan: str) -> list[Document]:
    """Name the pipelines: environments by themselves, the main one by the plan, the others by what starts them."""
    plain = [document for document in documents if not (document.environment or document.gate or document.statuses)]
    main = next((document for document in plain if any(e.kind == "push" and e.on_trunk for e in document.events)), next(iter(plain), None))
    taken = {document.environment.name for document in documents if document.environment}
    named = []
    for document in documents:
        name = document.environment.name if document.environment else _free(plan if document is main else _name(document), taken)
        taken.add(name)
        named.append(replace(document, name=name))
    return named


def _name(document: Document) -> str:
    start = document.gate.name if document.gate else "-and-".join(event.name or event.slug for event in document.events)
    runner = document.stages[0].runner
    worker = [*runner.labels, runner.arch or ""] if runner and not document.statuses else []
    end = {(): "", ("failure",): "failed"}.get(document.statuses, "ended")
    return "-".join(filter(None, (start, *worker, end)))[:96]


def _free(wanted: str, taken: set[str]) -> str:
    names = (wanted if number == 1 else f"{wanted}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)


def _connected(documents: list[Document]) -> list[Document]:
    return [replace(document, depends_on=tuple(other.name for other in documents if _depends(document, other))) for document in documents]


def _depends(document: Document, other: Document) -> bool:
    """Whether one pipeline waits for another of the same build: for what its stages need, or for all others."""
    if document is other or (document.gate and document.gate.name) != (other.gate and other.gate.name):
        return False
    if not set(document.events) & set(other.events):
        return False
    if document.statuses:
        return len(other.statuses) < len(document.statuses)
    wanted = {need.stage for stage in document.stages for need in stage.needs}
    return any(name in wanted and set(events) & set(document.events) for name, events in other.runs.items()) and not other.statuses


def _ordered(documents: list[Document]) -> Iterator[Document]:
    """The pipelines behind those that they depend on, those that run after all others at the end. Those of torn environments may wait
    for one another; the table refuses them.
    """
    rest = sorted(documents, key=lambda document: len(document.statuses))
    done: set[str] = set()
    while rest:
        ready = next((document for document in rest if done.issuperset(document.depends_on)), rest[0])
        rest = [document for document in rest if document is not ready]
        done.add(ready.name)
        yield ready
