"""The values that a definition is made of. Each checks itself where it is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NoReturn

from pipelinekit.authoring import texts
from pipelinekit.authoring.refuse import each, here, refuse, typed
from pipelinekit.model import plan as model
from pipelinekit.model.names import FACTS
from pipelinekit.model.value import value


def several(value: str | Iterable[str] | None) -> tuple[str, ...]:
    """One text or many, as a tuple."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


class Fact(str):
    """A value known only when the pipeline runs; in a text it stands as `${PK_…}`."""

    __slots__ = ()


class Facts:
    """The facts of a run, the same on every system: `ci.sha`, `ci.branch`, …"""

    sha = Fact("${PK_SHA}")
    short_sha = Fact("${PK_SHORT_SHA}")
    event = Fact("${PK_EVENT}")
    branch = Fact("${PK_BRANCH}")
    target_branch = Fact("${PK_TARGET_BRANCH}")
    tag = Fact("${PK_TAG}")
    pull_request = Fact("${PK_PULL_REQUEST}")
    run_id = Fact("${PK_RUN_ID}")
    run_url = Fact("${PK_RUN_URL}")
    author = Fact("${PK_AUTHOR}")
    title = Fact("${PK_TITLE}")
    repository = Fact("${PK_REPOSITORY}")
    environment = Fact("${PK_ENVIRONMENT}")


ci = Facts()


class Secret:
    """A secret, by name: `Secret("DATABASE_URL", stored="STAGING_DATABASE_URL")`.

    `name` is the variable that the process sees, `stored` the key in the system's store (the same when left out).
    With `file=True` the variable holds the path of a file with the value; `optional=True` says that it may be missing.
    It refuses to become text.
    """

    __slots__ = ("_secret",)

    def __init__(self, name: str, *, stored: str | None = None, file: bool = False, optional: bool = False) -> None:
        texts.variable(name)
        key = name if stored is None else texts.plain(stored, "stored=")
        if not texts._VARIABLE.fullmatch(key):
            refuse("PK010", f"{key!r} can't be a key of every system's secret store", "[A-Za-z_][A-Za-z0-9_]*")
        self._secret = model.Secret(name, key, bool(file), bool(optional))

    @property
    def name(self) -> str:
        """The variable that the process sees; commands write `"$NAME"`."""
        return self._secret.name

    def __repr__(self) -> str:
        return f"Secret({self._secret.name!r})"

    def __str__(self) -> NoReturn:  # noqa: PLE0307  # it never returns
        refuse("PK009", f"the secret {self._secret.name} can't become text", f"commands see it as ${self._secret.name}")

    def __format__(self, spec: str) -> NoReturn:
        self.__str__()


@value
class Input:
    """A value given when a manual run is started: `Input("problem", "houses", choices=("houses", "iris"), help="…")`."""

    _input: model.Input

    def __init__(self, name: str, default: str = "", *, choices: Sequence[str] = (), help: str = "") -> None:
        variable = texts.name(name, "an input").upper().replace("-", "_")
        texts.variable(variable)
        if choices and default not in choices:
            refuse("PK032", f"the default {default!r} of the input {name} is none of its choices", texts_choices(choices))
        value = model.Input(
            name,
            texts.factless(default, "default"),
            tuple(texts.factless(choice, "a choice") for choice in several(choices)),
            texts.factless(help, "help="),
        )
        object.__setattr__(self, "_input", value)

    def __str__(self) -> str:
        return f"${{{self._input.variable}}}"


def texts_choices(choices: Iterable[str]) -> str:
    return "one of " + ", ".join(repr(choice) for choice in choices)


class Matrix:
    """An axis: the stage runs once for each value, which it sees as the variable `NAME` and texts as `{name}`.

    `python = Matrix("python", "3.11", "3.12")` makes `f"python:{python}-slim"` the image of each cell.
    """

    __slots__ = ("_axis",)

    def __init__(self, name: str, *values: str) -> None:
        if not isinstance(name, str) or not name.replace("_", "").isalnum() or name != name.lower() or not name[:1].isalpha():
            refuse("PK019", f"{name!r} can't name an axis", "a-z, 0-9 and _, beginning with a letter")
        texts.variable(name.upper())
        for word in values:
            if not isinstance(word, str) or not texts._TAG.fullmatch(word):
                refuse("PK019", f"{word!r} can't be a value of the axis {name}", 'text of A-Z, a-z, 0-9, _, . and -, like "3.12"')
        if not values or len(set(values)) != len(values):
            refuse("PK019", f"the axis {name} needs at least one value, each once")
        self._axis = model.Axis(name, values)

    @property
    def name(self) -> str:
        return self._axis.name

    @property
    def values(self) -> tuple[str, ...]:
        return self._axis.values

    def __repr__(self) -> str:
        return f"Matrix({self.name!r}, {', '.join(map(repr, self.values))})"

    def __str__(self) -> str:
        return f"${{{self._axis.variable}}}"


@value
class Service:
    """A helper process beside a job, fresh for it: `Service("db", image="postgres:16", port=5432, variables={…})`.

    The job reaches it at host `alias`, and starts when its TCP port accepts connections.
    """

    _service: model.Service

    def __init__(
        self, alias: str, *, image: str, port: int, variables: Mapping[str, str] | None = None, command: str | None = None
    ) -> None:
        texts.name(alias, "a service")
        if isinstance(port, bool) or not isinstance(port, int) or not 0 < port < 65536:
            refuse("PK032", f"port={port!r} is no TCP port", "1 to 65535")
        text = None if command is None else texts.factless(command, "command")
        pairs = texts.variables(variables, "variables")
        object.__setattr__(self, "_service", model.Service(alias, texts.image(image), port, pairs, text))


class Cache:
    """Paths kept between runs: `Cache("renv/library", key="renv.lock")`. It may be absent or old, and never changes a result.

    `key` names the files whose bytes make the cache's name; `variable` is set to the first path's place, for tools that ask.
    """

    __slots__ = ("_cache",)

    def __init__(self, *paths: str, key: str | Sequence[str] = (), variable: str | None = None) -> None:
        if not paths:
            refuse("PK032", "a Cache needs a path")
        kept = tuple(texts.path(path, "cache path") for path in paths)
        files = tuple(texts.path(path, "cache key") for path in several(key))
        self._cache = model.Cache(kept, files, None if variable is None else texts.variable(variable))

    @classmethod
    def pip(cls, lock: str = "requirements.lock") -> Cache:
        """pip's downloads, named by the lock file."""
        return cls(".cache/pip", key=lock, variable="PIP_CACHE_DIR")

    @classmethod
    def uv(cls, lock: str = "uv.lock") -> Cache:
        """uv's wheels, named by the lock file."""
        return cls(".cache/uv", key=lock, variable="UV_CACHE_DIR")

    @classmethod
    def npm(cls, lock: str = "package-lock.json") -> Cache:
        """npm's packages, named by the lock file."""
        return cls(".cache/npm", key=lock, variable="npm_config_cache")

    @classmethod
    def renv(cls, lock: str = "renv.lock") -> Cache:
        """renv's installed library, named by the lock file."""
        return cls("renv/library", key=lock)

    @classmethod
    def dvc(cls, lock: str = "dvc.lock") -> Cache:
        """DVC's pulled data, named by the lock file."""
        return cls(".dvc/cache", key=lock)


class Runner:
    """What a job must run on: `Runner("gpu", arch="arm64", cpus=4, memory="16Gi", gpus=1)`; the words are workers' labels."""

    __slots__ = ("_runner",)

    def __init__(self, *labels: str, arch: str | None = None, cpus: int | None = None, memory: str | None = None, gpus: int = 0) -> None:
        for label in labels:
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]*", texts.plain(label, "a label")):
                refuse("PK032", f"{label!r} can't be a label of a worker", "A-Z, a-z, 0-9, _, ., : and -")
        if arch not in (None, "amd64", "arm64"):
            refuse("PK032", f"arch={arch!r} is not known", '"amd64" or "arm64"')
        if memory is not None and not re.fullmatch(r"[1-9][0-9]*(Mi|Gi)", memory):
            refuse("PK032", f"memory={memory!r} is no amount of memory", '"512Mi", "16Gi"')
        if (cpus is not None and (not isinstance(cpus, int) or cpus < 1)) or not isinstance(gpus, int) or gpus < 0:
            refuse("PK032", "cpus and gpus are whole numbers")
        self._runner = model.Runner(labels, arch, cpus, memory, gpus)


class Checkout:
    """What a job's tree has beyond the commit's files: `Checkout(history=True, tags=True, lfs=True, submodules=True)`."""

    __slots__ = ("_checkout",)

    def __init__(self, *, history: bool = False, tags: bool = False, lfs: bool = False, submodules: bool = False) -> None:
        self._checkout = model.Checkout(history, tags, lfs, submodules)


class Registry:
    """A container registry: `Registry("quay.io", username=Secret(…), password=Secret(…))`."""

    __slots__ = ("_registry",)

    def __init__(self, host: str, *, username: Secret | None = None, password: Secret | None = None) -> None:
        texts.repository(f"{host}/x")
        if (username is None) != (password is None):
            refuse("PK016", "a registry takes a username and a password, or neither")
        self._registry = model.Registry(host, _named(username, "username"), _named(password, "password"))


def _named(secret: Secret | None, what: str) -> model.Secret | None:
    named = None if secret is None else typed(secret, Secret, what)._secret
    if named and (named.file or named.optional):
        refuse("PK016", f"a registry's {what} is a text, and there", "leave file= and optional= out")
    return named


class Event:
    """Something that starts a run; made by `on`."""

    __slots__ = ("_event",)

    def __init__(self, event: model.Event) -> None:
        self._event = event

    def __repr__(self) -> str:
        return f"<event {self._event.slug}>"


class On:
    """The events that a stage, an environment or the pipeline can react to."""

    def push(self, *branches: str) -> Event:
        """A push to trunk; with globs (`"release/*"`, `"**"`) one to any other branch that matches: nothing there can deliver."""
        return Event(model.Event("push", branches=tuple(_glob(branch) for branch in branches)))

    def pull_request(self, *, forks: bool = False) -> Event:
        """A pull request into trunk from the same repository; `forks=True` adds forks, whose runs see no secret."""
        return Event(model.Event("pull_request", forks=forks))

    def tag(self, glob: str = "*") -> Event:
        """A pushed tag."""
        return Event(model.Event("tag", tag=_glob(glob)))

    def schedule(self, name: str, cron: str) -> Event:
        """Trunk's tip, at the times of five cron fields, UTC."""
        return Event(model.Event("schedule", name=texts.name(name, "a schedule"), cron=texts.cron(cron)))

    def manual(self, name: str = "manual", inputs: Sequence[Input] = ()) -> Event:
        """Trunk's tip, started by a person or the API, with inputs that arrive as variables."""
        given = tuple(value._input for value in each(inputs, Input, "inputs"))
        if len({value.variable for value in given}) != len(given):
            refuse("PK002", f"two inputs of {name} have one variable")
        return Event(model.Event("manual", name=texts.name(name, "a manual run"), inputs=given))


on = On()


def _glob(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_*][A-Za-z0-9_./*-]*", texts.plain(text, "a glob")) or ".." in text or text.endswith("/"):
        refuse("PK032", f"{text!r} is no glob of branches or tags", 'letters, digits, _ . / - with * and **, like "release/*"')
    return text


class Changed:
    """A condition on the files that a pull request changes; made by `changed`."""

    __slots__ = ("globs",)

    def __init__(self, globs: tuple[str, ...]) -> None:
        self.globs = globs


def changed(*globs: str) -> Changed:
    """True in a pull request that changes a file matching one of the globs; in all other runs the stage runs.

    `*` stays within a part of a path; `**` is any number of parts (`"src/**"`, `"**/*.sql"`); `"docs/"` is all below a folder.
    """
    if not globs:
        refuse("PK032", "changed() needs a glob")
    for glob in globs:
        if re.search(r"[?\[\]{}]|[^/]\*\*|\*\*[^/]", texts.path(glob, "glob", globs=True)):
            refuse(
                "PK017",
                f"systems read the glob {glob!r} differently",
                '* within a part of a path, ** as a whole part: "src/**", "**/*.sql"',
            )
    return Changed(globs)


class Environment:
    """Where software goes: a name, a URL, its configuration file in the repository, and what only its stages see.

    `on` are its deliveries: by default each push to trunk.
    """

    __slots__ = ("_environment", "_secrets", "_variables")

    def __init__(
        self,
        name: str,
        *,
        url: str | None = None,
        config: str | None = None,
        variables: Mapping[str, str] | None = None,
        secrets: Sequence[Secret] = (),
        on: Sequence[Event] | None = None,
    ) -> None:
        source = here()
        texts.name(name, "an environment")
        if url is not None and not re.fullmatch(texts._URL, texts.plain(url, "url")):
            refuse("PK032", f"url={url!r} is no URL", "https://…, without user, password, spaces, quotes, & and $")
        file = None if config is None else texts.path(config.replace("{env}", name), "config")
        events = (model.Event("push"),) if on is None else tuple(event._event for event in each(on, Event, "on"))
        for event in events:
            if not event.on_trunk:
                refuse(
                    "PK016",
                    f"{event.slug} can't deliver to {name}",
                    "deliveries work on trunk: on.push(), on.tag(), on.schedule(), on.manual()",
                )
        if not events:
            refuse("PK016", f"the environment {name} takes no delivery", "leave on= out for pushes to trunk")
        self._variables = texts.variables(variables, "variables")
        self._secrets = tuple(secret._secret for secret in each(secrets, Secret, "secrets"))
        self._environment = model.Environment(name, url, file, events, source)

    @property
    def name(self) -> str:
        return self._environment.name

    @property
    def url(self) -> str:
        """The URL, for commands. Raises DefinitionError when there is none."""
        if self._environment.url is None:
            refuse("PK016", f"the environment {self.name} has no url=, which is asked for here", 'url="https://…"')
        return self._environment.url

    def __repr__(self) -> str:
        return f"Environment({self.name!r})"

    def __str__(self) -> str:
        return self.name


assert all(isinstance(getattr(ci, name[3:].lower()), Fact) for name in FACTS), "each fact has its attribute"
