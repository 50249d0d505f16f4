"""The Plan: what `pipeline.py` says, resolved, in an order in which every stage stands behind all that it needs.

Texts may hold placeholders `${NAME}`: a fact (`${PK_SHA}`) or a matrix value (`${PYTHON}`). In a command the shell
expands them; in images, tags and paths the backend or the matrix pass does.
"""

import re
from typing import Any, Literal, TypeAlias

from pipelinekit.model.value import field, replace, value

EventKind: TypeAlias = Literal["push", "pull_request", "tag", "schedule", "manual"]
StageKind: TypeAlias = Literal["lint", "test", "data_pull", "step", "build", "migrate", "deploy", "verify", "gate"]
Shell: TypeAlias = Literal["sh", "bash"]
When: TypeAlias = Literal["on_success", "on_failure", "always"]
Pairs: TypeAlias = tuple[tuple[str, str], ...]

CHECKS: tuple[StageKind, ...] = ("lint", "test", "data_pull", "step", "build")
DELIVERIES: tuple[StageKind, ...] = ("migrate", "deploy", "verify")

_WORD = re.compile(r"[a-z0-9]+")


@value
class Source:
    """Where the user wrote something: a file relative to the definition's folder, and a line counted from 1."""

    file: str = "pipeline.py"
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


NOWHERE = Source()


@value
class Input:
    """A value that a person or the API gives when starting a manual run; it arrives as the variable `name.upper()`."""

    name: str
    default: str = ""
    choices: tuple[str, ...] = ()
    help: str = ""

    @property
    def variable(self) -> str:
        return self.name.upper().replace("-", "_")


@value
class Event:
    """Something that starts a run. A push without `branches` is one to trunk; with them, to any other branch that a glob matches."""

    kind: EventKind
    name: str = ""
    branches: tuple[str, ...] = ()
    tag: str = ""
    cron: str = ""
    forks: bool = False
    inputs: tuple[Input, ...] = ()

    def __hash__(self) -> int:
        """Events are looked up for every stage: their names tell nearly all of them apart."""
        return hash((self.kind, self.name, self.branches, self.tag))

    @property
    def slug(self) -> str:
        """A name for files and jobs: `push`, `push-release`, `pull-request`, `tag-v`, `schedule-nightly`, `manual-retrain`."""
        words = [self.kind.replace("_", "-"), self.name, *self.branches, self.tag]
        return "-".join(part for word in words for part in _WORD.findall(word.lower()))

    @property
    def on_trunk(self) -> bool:
        """Whether the run works on trunk's commit (a tag counts only if its commit is on trunk, which the run checks)."""
        return self.kind != "pull_request" and not self.branches


@value
class Secret:
    """A secret by name: `name` is the variable that the process sees, `stored` the key in the system's store."""

    name: str
    stored: str
    file: bool = False
    optional: bool = False


@value
class Service:
    """A helper process beside a job, fresh for it, reached at host `alias` on TCP `port`."""

    alias: str
    image: str
    port: int
    variables: Pairs = ()
    command: str | None = None


@value
class Cache:
    """Paths kept between runs, never needed for a result; `variable` tells the tool that owns the first path where it lies."""

    paths: tuple[str, ...]
    key_files: tuple[str, ...] = ()
    variable: str | None = None


@value
class Axis:
    """One dimension of a matrix; its value arrives as the variable `name.upper()`."""

    name: str
    values: tuple[str, ...]

    @property
    def variable(self) -> str:
        return self.name.upper()


@value
class Runner:
    """What a job must run on: labels of the workers, architecture, cores, memory (`16Gi`), gpus. Empty means any."""

    labels: tuple[str, ...] = ()
    arch: str | None = None
    cpus: int | None = None
    memory: str | None = None
    gpus: int = 0


@value
class Checkout:
    """What a job's tree has beyond the commit's files."""

    history: bool = False
    tags: bool = False
    lfs: bool = False
    submodules: bool = False


@value
class Registry:
    """A container registry and the secrets that pushing to it takes."""

    host: str
    username: Secret | None = None
    password: Secret | None = None


@value
class Container:
    """A container build: one action that every engine says in its own way. The first tag names the image."""

    repository: str
    tags: tuple[str, ...]
    context: str = "."
    dockerfile: str = "Dockerfile"
    args: Pairs = ()
    registry: Registry | None = None

    @property
    def refs(self) -> tuple[str, ...]:
        return tuple(f"{self.repository}:{tag}" for tag in self.tags)


@value
class Environment:
    """Where software goes. What its stages see of it (variables, secrets) is already theirs."""

    name: str
    url: str | None = None
    config: str | None = None
    on: tuple[Event, ...] = (Event("push"),)
    source: Source = field(default=NOWHERE, compare=False)


@value
class Need:
    """That a stage comes after `stage`, and the files of it that it asks for; `cell` narrows them to one cell of its matrix."""

    stage: str
    paths: tuple[str, ...] = ()
    cell: Pairs = ()


@value
class Stage:
    """One thing that the pipeline does, with all defaults of the pipeline and its environment resolved.

    `variables` hold what the stage and its environment set (the pipeline's own stand in the Plan); `cell` and `of` are
    set by the matrix pass alone: the values of this cell, and the stage that it is a cell of. Times are in seconds.
    """

    name: str
    kind: StageKind
    needs: tuple[Need, ...] = ()
    on: tuple[Event, ...] | None = None
    environment: str | None = None
    image: str | None = None
    shell: Shell = "sh"
    setup: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    message: str = ""
    container: Container | None = None
    variables: Pairs = ()
    secrets: tuple[Secret, ...] = ()
    services: tuple[Service, ...] = ()
    outputs: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    keep_for: int | None = None
    caches: tuple[Cache, ...] = ()
    matrix: tuple[Axis, ...] = ()
    timeout: int | None = None
    retries: int = 0
    allow_failure: bool = False
    when: When = "on_success"
    only_if: tuple[str, ...] = ()
    lock: str | None = None
    runner: Runner | None = None
    checkout: Checkout = Checkout()
    raw: dict[str, Any] = field(default_factory=dict)
    cell: Pairs = ()
    of: str | None = None
    source: Source = field(default=NOWHERE, compare=False)

    @property
    def is_gate(self) -> bool:
        return self.kind == "gate"

    @property
    def is_post(self) -> bool:
        """Whether the stage runs after all others, by their outcome."""
        return self.when != "on_success"

    @property
    def origin(self) -> str:
        """The name of the stage that the user wrote."""
        return self.of or self.name


@value
class Plan:
    """A whole pipeline. Its `repr` is canonical: equal plans print the same text on every machine (see `digest`).

    `locked` holds digests by image, from the lock file beside the definition; None where there is none.
    """

    name: str
    stages: tuple[Stage, ...]
    trunk: str = "main"
    triggers: tuple[Event, ...] = ()
    environments: tuple[Environment, ...] = ()
    variables: Pairs = ()
    cancel_superseded: bool = False
    targets: dict[str, dict[str, Any]] = field(default_factory=dict)
    accept: dict[str, dict[str, str]] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)
    locked: dict[str, str] | None = None
    source: Source = field(default=NOWHERE, compare=False)

    def stage(self, name: str) -> Stage:
        """The stage of that name. Raises KeyError."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def environment(self, name: str) -> Environment:
        """The environment of that name. Raises KeyError."""
        for environment in self.environments:
            if environment.name == name:
                return environment
        raise KeyError(name)


def digest(plan: Plan, target: str) -> str:
    """Twelve hex digits that change when the plan, or its settings for that target, do; lines of the source do not count."""
    try:
        from _blake2 import blake2b  # hashlib's own part: hashlib loads OpenSSL, which takes as long as the whole plan
    except ImportError:
        from hashlib import blake2b

    own = replace(
        plan,
        targets={target: plan.targets.get(target, {})},
        accept={target: plan.accept.get(target, {})},
        raw={target: plan.raw.get(target)},
    )
    return str(blake2b(repr(own).encode(), digest_size=6).hexdigest())
