"""The options of `pipelinekit simulate` as a scenario: names looked up in the plan, each wrong one told with its nearest."""

from collections.abc import Iterable, Iterator
from typing import get_args

from pipelinekit.diagnostics import DefinitionError, Diagnostic, nearest
from pipelinekit.model.plan import Event, EventKind, Pairs, Plan, Stage
from pipelinekit.model.value import value
from pipelinekit.semantics.interpreter import Run, commands
from pipelinekit.semantics.matrix import unroll
from pipelinekit.semantics.scenario import Failure, FailureKind, Happening, Scenario
from pipelinekit.semantics.selection import select

KINDS: tuple[EventKind, ...] = get_args(EventKind)

_FOR: dict[str, tuple[EventKind, ...]] = {
    "branch": ("push", "pull_request"),
    "into": ("pull_request",),
    "fork": ("pull_request",),
    "changed": ("pull_request",),
    "tag": ("tag",),
    "beside_trunk": ("tag",),
    "name": ("schedule", "manual"),
    "input": ("manual",),
}
"""The events of which an option says something."""

_ONE: dict[EventKind, str] = {
    "push": "a push",
    "pull_request": "a pull request",
    "tag": "a tag",
    "schedule": "a schedule",
    "manual": "a manual run",
}


@value
class Asked:
    """What was written on the command line, by the options' names."""

    event: str = "push"
    branch: str = ""
    into: str = ""
    tag: str = ""
    beside_trunk: bool = False
    name: str = ""
    fork: bool = False
    changed: tuple[str, ...] = ()
    input: tuple[str, ...] = ()
    fail: tuple[str, ...] = ()
    hang: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    overtaken: tuple[str, ...] = ()


def scenario(plan: Plan, asked: Asked) -> Scenario:
    """The scenario that was asked for. Raises DefinitionError with everything that is wrong with the call."""
    reader = _Reader(plan)
    happening = reader.happening(asked)
    found = Scenario(
        "as asked",
        happening,
        (*reader.failures(asked.fail, "exit"), *reader.failures(asked.hang, "hang")),
        reader.gates(asked.reject),
        reader.secrets(asked.missing),
        reader.environments(asked.overtaken),
    )
    if reader.wrong:
        raise DefinitionError(*reader.wrong)
    return found


def without_use(run: Run, asked: Asked) -> Iterator[Diagnostic]:
    """What was asked of jobs, gates and environments that this run hasn't got."""
    names = {name for job in run.jobs for name in (job.name, job.origin)}
    for option, words in (("fail", asked.fail), ("hang", asked.hang), ("reject", asked.reject)):
        for word in words:
            if word not in names and word.rpartition(":")[0] not in names:
                yield _warning(run.plan, f"--{option} {word} changes nothing: this event doesn't start it")
    for environment in asked.overtaken:
        if not any(job.environment == environment for job in run.jobs):
            yield _warning(run.plan, f"--overtaken {environment} changes nothing: this event brings nothing there")


def _warning(plan: Plan, message: str) -> Diagnostic:
    return Diagnostic("PK032", "warning", message, "", plan.source)


class _Reader:
    """Looks names up and keeps what is wrong with them."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.wrong: list[Diagnostic] = []
        self.jobs: dict[str, list[Stage]] = {}
        for job in unroll(plan).stages:
            self.jobs.setdefault(job.name, []).append(job)
            if job.origin != job.name:
                self.jobs.setdefault(job.origin, []).append(job)

    def refuse(self, message: str, hint: str = "") -> None:
        self.wrong.append(Diagnostic("PK032", "error", message, hint, self.plan.source))

    def known(self, word: str, what: str, names: Iterable[str]) -> bool:
        """Whether a name is one of `names`; it is refused if not."""
        names = tuple(names)
        if word not in names:
            self.refuse(f"there is no {what} {word!r}", nearest(word, names))
        return word in names

    def happening(self, asked: Asked) -> Happening:
        kind: EventKind | None = next((each for each in KINDS if each == asked.event.replace("-", "_")), None)
        if kind is None:
            self.refuse(f"there is no event {asked.event!r}", nearest(asked.event, KINDS))
            return Happening()
        for option, kinds in _FOR.items():
            if getattr(asked, option) and kind not in kinds:
                those = " and ".join(_ONE[each] for each in kinds)
                self.refuse(f"--{option.replace('_', '-')} says nothing of {_ONE[kind]}", f"it is for {those}")
        match kind:
            case "push":
                return Happening("push", branch=asked.branch)
            case "pull_request":
                changed = tuple(path.removeprefix("./") for path in asked.changed) or self.filters()
                return Happening(kind, branch=asked.branch or "feature", target=asked.into, fork=asked.fork, changed=changed)
            case "tag":
                return Happening(kind, tag=asked.tag or self.tag(), beside_trunk=asked.beside_trunk)
            case "schedule" | "manual":
                return self.named(kind, asked)

    def filters(self) -> tuple[str, ...]:
        """A path for each filter of the plan: a glob, taken as a path, matches itself."""
        return tuple(dict.fromkeys(glob for stage in self.plan.stages for glob in stage.only_if))

    def tag(self) -> str:
        """A tag that the plan reacts to, where it is clear which."""
        globs = [event.tag for event in select(self.plan).events if event.kind == "tag"]
        if len(globs) > 1:
            self.refuse("which tag?", f"--tag, with one of {', '.join(globs)}")
        return (globs or ["v*"])[0].replace("**/", "").replace("**", "1.0").replace("*", "1.0")

    def named(self, kind: EventKind, asked: Asked) -> Happening:
        events = {event.name: event for event in select(self.plan).events if event.kind == kind}
        name = asked.name or (next(iter(events)) if len(events) == 1 else "")
        if name:
            self.known(name, kind if kind == "schedule" else "manual run", events)
        elif events:
            self.refuse(f"which {kind if kind == 'schedule' else 'manual run'}?", f"--name with one of {', '.join(events)}")
        return Happening(kind, name=name, inputs=self.inputs(events[name], asked.input) if name in events else ())

    def inputs(self, event: Event, words: tuple[str, ...]) -> Pairs:
        known = {each.name: each for each in event.inputs}
        found: dict[str, str] = {}
        for word in words:
            name, equals, text = word.partition("=")
            if not equals:
                self.refuse(f"--input {word} has no value", f"--input {word}=…")
            elif self.known(name, "input", known):
                if known[name].choices and text not in known[name].choices:
                    self.refuse(f"the input {name} can't be {text!r}", nearest(text, known[name].choices))
                found[name] = text
        return tuple(found.items())

    def failures(self, words: tuple[str, ...], kind: FailureKind) -> tuple[Failure, ...]:
        return tuple(failure for word in words for failure in self.failure(word, kind))

    def failure(self, word: str, kind: FailureKind) -> Iterator[Failure]:
        """How a job fails: all cells of it, where the name is that of a stage with a matrix."""
        name, index = self.place(word)
        if not self.known(name, "job", self.jobs):
            return
        for job in self.jobs[name]:
            if job.is_gate:
                self.refuse(f"{name} is a gate: it has no commands", f"--reject {name}")
            elif index is not None and index >= commands(job):
                self.refuse(f"{job.name} has no command {index}", f"its last is {commands(job) - 1}")
            else:
                yield Failure(job.name, commands(job) - 1 if index is None else index, kind)

    def place(self, word: str) -> tuple[str, int | None]:
        name, colon, index = word.rpartition(":")
        return (name, int(index)) if word not in self.jobs and colon and index.isdecimal() else (word, None)

    def gates(self, words: tuple[str, ...]) -> tuple[str, ...]:
        names = [stage.name for stage in self.plan.stages if stage.is_gate]
        return tuple(word for word in words if self.known(word, "gate", names))

    def secrets(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """The keys of the store, which may be named by the variables that hold them, too."""
        keys: dict[str, dict[str, None]] = {}
        for stage in self.plan.stages:
            registry = stage.container.registry if stage.container else None
            for secret in (*stage.secrets, *((registry.username, registry.password) if registry else ())):
                if secret:
                    keys.setdefault(secret.name, {})[secret.stored] = None
        stored = {key for each in keys.values() for key in each}
        found: dict[str, None] = {}
        for word in words:
            if self.known(word, "secret", {*stored, *keys}):
                found.update({word: None} if word in stored else keys[word])
        return tuple(found)

    def environments(self, words: tuple[str, ...]) -> tuple[str, ...]:
        names = [environment.name for environment in self.plan.environments]
        return tuple(word for word in words if self.known(word, "environment", names))
