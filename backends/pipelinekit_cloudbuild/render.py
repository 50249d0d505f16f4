"""From a plan to its files: a build for each event that selects different jobs, one behind each gate, and their triggers."""

from collections.abc import Iterator
from typing import Any

from pipelinekit.backend import File, Request
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.lowering import events, tags
from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit.model.value import replace
from pipelinekit.semantics import matrix
from pipelinekit.semantics.selection import delivers, select
from pipelinekit.text.yaml import dump, dump_all
from pipelinekit_cloudbuild import limits, triggers
from pipelinekit_cloudbuild.build import Run, build, run
from pipelinekit_cloudbuild.document import document
from pipelinekit_cloudbuild.escape import comment
from pipelinekit_cloudbuild.settings import Settings

TRIGGERS = "cloudbuild.triggers.yaml"


class BuildFile:
    """A file, and what starts it: events, or the trigger behind a gate, whose builds run as `account`."""

    __slots__ = ("account", "events", "gate", "path", "text", "trigger")

    def __init__(self, path: str, text: str, gate: Stage | None, trigger: str, account: str | None) -> None:
        self.account = account
        self.path = path
        self.text = text
        self.gate = gate
        self.trigger = trigger
        self.events: list[Event] = []


def render(request: Request[Settings]) -> Iterator[File | Diagnostic]:
    """All files, or what keeps them from being written."""
    wrong = list(limits.of_plan(request.plan))
    if wrong:
        yield from wrong
        return
    files, findings = builds(request)
    yield from findings
    for file in files:
        comment = (*request.header, "", *_started_by(file, request.plan))
        yield File(file.path, "".join(f"# {line}".rstrip() + "\n" for line in comment) + "\n" + file.text)
    if request.settings.names_repository:
        documents = list(_triggers(files, request))
        yield File(TRIGGERS, dump_all(documents, header=request.header, indent_sequences=False))
    else:
        yield _no_triggers(request.plan)


def builds(request: Request[Settings]) -> tuple[list[BuildFile], list[Diagnostic]]:
    """The build files, each with what starts it; equal files are one."""
    plan = tags.guard(request.plan, request.settings.git_image)
    selection = select(plan)
    unrolled = matrix.unroll(plan)
    taken = frozenset(stage.name for stage in unrolled.stages)
    pool = _Pool(request.plan, triggers.parts(request.selection.events))
    for event in selection.events:
        chosen = events.only(unrolled, selection, event)
        if event.forks:
            chosen = replace(chosen, stages=tuple(stage for stage in chosen.stages if selection.in_forks(stage)))
        if chosen.stages:
            pool.event(run(chosen, event, request.settings, delivers(plan, event), taken))
    return pool.ordered(), pool.findings


class _Pool:
    """The files so far. A build behind a gate is named before the build that asks, so that equal ones have one name."""

    def __init__(self, plan: Plan, parts: dict[Event, str]) -> None:
        self.plan = plan
        self.parts = parts
        self.files: list[BuildFile] = []
        self.findings: list[Diagnostic] = []

    def event(self, run: Run) -> None:
        file = self.part(run, None)
        file.events.append(run.event)

    def part(self, run: Run, gate: str | None) -> BuildFile:
        """The file of the part that `gate` opens."""
        own = build(run, gate)
        behind = {name: self.part(run, name).trigger for name in run.parts if name is not None and run.opened[name] == gate}
        data = document(own, behind)
        text = _text(data)
        account = run.settings.account_of(run.event.kind) if gate else None
        for file in self.files:
            if (file.text, file.gate is None, file.account) == (text, gate is None, account):
                return file
        path, trigger = self.names(run, gate)
        file = BuildFile(path, text, own.part.gate, trigger, account)
        self.files.append(file)
        self.findings += limits.problems(file.path, data, text, own)
        return file

    def ordered(self) -> list[BuildFile]:
        """Each build before those behind its gates, trunk's first."""
        first = [file for file in self.files if file.gate is None]
        return [*sorted(first, key=lambda file: file.path != "cloudbuild.yaml"), *(file for file in reversed(self.files) if file.gate)]

    def names(self, run: Run, gate: str | None) -> tuple[str, str]:
        """A free path, and the trigger's name: by the event, and by the environment or gate."""
        first = [] if run.event == Event("push") else [self.parts[run.event]]
        words = [*first, *([_word(run, gate)] if gate else [])]
        if {"-".join(words)} & {"triggers"} or any(file.path == _path(words) for file in self.files):
            words.append(gate or "build")
        while any(file.path == _path(words) for file in self.files):
            words.append("next")
        part = "-".join(words) or self.parts[run.event]
        if gate and part in self.parts.values():
            part += "-gate"
        return _path(words), triggers.name(self.plan.name, part)


def _text(data: dict[str, Any]) -> str:
    """The steps apart from one another, and what holds for all of them."""
    steps = {key: value for key, value in data.items() if key == "steps"}
    rest = {key: value for key, value in data.items() if key != "steps"}
    parts = [dump(steps, indent_sequences=False, blank_between=2) if steps else "", dump(rest, indent_sequences=False, blank_between=1)]
    # A block that ends in empty lines keeps them all: one more would be its own.
    between = "" if parts[0].endswith("\n\n") else "\n"
    return between.join(part for part in parts if part)


def _path(words: list[str]) -> str:
    return ".".join(["cloudbuild", *words, "yaml"])


def _word(run: Run, gate: str) -> str:
    """What a part is called: its environment, where it has one."""
    environments = run.parts[gate].plan.environments
    return environments[0].name if len(environments) == 1 else gate


def _started_by(file: BuildFile, plan: Plan) -> Iterator[str]:
    if file.gate:
        yield comment(f"Runs once {file.gate.name} is approved: {file.gate.message}")
    for event in file.events:
        yield comment(f"Runs on {triggers.describe(event, plan.trunk)}.")


def _triggers(files: list[BuildFile], request: Request[Settings]) -> Iterator[dict[str, object]]:
    """The triggers' documents, in the order of the files."""
    plan, settings = request.plan, request.settings
    parts = triggers.parts(request.selection.events)
    for file in files:
        if file.gate:
            yield triggers.of_gate(file.gate, file.trigger, plan.trunk, file.path, settings, file.account)
        for event in file.events:
            yield triggers.of_event(event, triggers.name(plan.name, parts[event]), plan.trunk, file.path, settings)


def _no_triggers(plan: Plan) -> Diagnostic:
    message = f"{TRIGGERS} is not written: nobody said which repository the triggers watch"
    hint = 'targets={"cloudbuild": {"owner": "acme", "repository": "app", "region": "europe-west1"}}'
    return Diagnostic("PK1410", "warning", message, hint, plan.source)
