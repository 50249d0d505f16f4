"""What each field of a definition could hold as well: another name, one element more or less, the other of two."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from pipelinekit.model.plan import (
    CHECKS,
    DELIVERIES,
    Axis,
    Cache,
    Checkout,
    Container,
    Environment,
    Event,
    Input,
    Pairs,
    Registry,
    Runner,
    Secret,
    Service,
    Stage,
)
from pipelinekit.model.value import replace

Texts: TypeAlias = tuple[str, ...]
Other: TypeAlias = Callable[[Any, Any], Iterable[Any]]
"""From the value that has a field, and what the field holds, to what it could hold as well."""


def without(held: tuple[Any, ...], one: Any) -> tuple[Any, ...]:
    return tuple(each for each in held if each is not one)


def sets(held: tuple[Any, ...], more: Iterable[Any]) -> Iterator[tuple[Any, ...]]:
    """One element less, and one more."""
    yield from (without(held, one) for one in held)
    yield from ((*held, one) for one in dict.fromkeys(more) if one not in held)


def pairs(held: Pairs) -> Iterator[Pairs]:
    """One pair more, one less, another value, another name."""
    yield (*held, ("MORE", "one more"))
    for index, (name, text) in enumerate(held):
        for other in ((), ((name, f"{text}-other"),), ((f"OTHER_{name}", text),)):
            yield (*held[:index], *other, *held[index + 1 :])


def other_data(held: Any) -> Iterator[Any]:
    """Settings, reasons or raw text, changed in one leaf."""
    match held:
        case bool():
            yield not held
        case int():
            yield held + 1
        case str():
            yield f"{held}-other"
        case dict():
            for key, inner in held.items():
                yield from ({**held, key: other} for other in other_data(inner))
        case list() | tuple():
            for index, inner in enumerate(held):
                yield from ([*held[:index], other, *held[index + 1 :]] for other in other_data(inner))
        case _:
            yield "other"


def _texts(more: str, other: str = "other-{}", least: int = 0) -> Other:
    """One text more, the last one less, the last one otherwise."""

    def others(_: object, held: Texts) -> Iterator[Texts]:
        yield (*held, more)
        if held:
            yield (*held[:-1], other.format(held[-1]))
        if len(held) > least:
            yield held[:-1]

    return others


def _one_of(*choices: Any) -> Other:
    return lambda _, held: (choice for choice in choices if choice != held)


def _flip(_: object, held: bool) -> Iterator[bool]:
    yield not held


def _plus(step: int, least: int | None = None) -> Other:
    """A number more; none where there is one; `least` where there may be none."""

    def others(_: object, held: int | None) -> Iterator[int | None]:
        yield step if held is None else held + step
        if held != least:
            yield least

    return others


def _word(other: str, *, may_be_none: bool = False) -> Other:
    def others(_: object, held: str | None) -> Iterator[str | None]:
        yield other.format(held) if held else other.replace("{}", "more").replace("{0}", "more")
        if may_be_none and held is not None:
            yield None

    return others


def _values(*more: Any, least: int = 0) -> Other:
    """One value more, the last one less."""

    def others(_: object, held: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        yield from ((*held, one) for one in more if one not in held)
        if len(held) > least:
            yield held[:-1]

    return others


def _if(holds: Callable[[Any], Any], other: Other) -> Other:
    """What may be changed where something is so."""
    return lambda owner, held: other(owner, held) if holds(owner) else ()


def _none(_: object, __: object) -> tuple[()]:
    """Changed where it is asked for, as a whole."""
    return ()


def _kind(_: Stage, held: str) -> Iterator[str]:
    kinds = DELIVERIES if held in DELIVERIES else CHECKS
    yield from (kind for kind in kinds if kind != held)


def _event_kind(event: Event, held: str) -> Iterator[str]:
    """Only what its other fields have a meaning for."""
    if held in ("push", "pull_request") and not event.branches and not event.forks:
        yield "pull_request" if held == "push" else "push"


def _is(kind: str) -> Callable[[Event], bool]:
    return lambda event: event.kind == kind


def _input_default(given: Input, held: str) -> Iterator[str]:
    yield from (choice for choice in given.choices if choice != held) if given.choices else (f"other-{held}", *([""] if held else []))


def _choices(given: Input, held: Texts) -> Iterator[Texts]:
    yield (*(held or (given.default,)), "other")
    if held:
        yield ()


def _keep(stage: Stage, held: Texts) -> Iterator[Texts]:
    yield from (each for each in _texts("more/*.log")(stage, held) if each or not stage.keep_for)


def _registry(container: Container, held: Registry | None) -> Iterator[Registry | None]:
    host = container.repository.partition("/")[0]
    if held:
        yield None
        if held.password:
            yield replace(held, username=None, password=None)
    elif "." in host or ":" in host:
        yield Registry(host, Secret("MORE_USER", "MORE_USER"), Secret("MORE_PASSWORD", "MORE_PASSWORD"))


def _contexts(_: Container, held: str) -> Iterator[str]:
    yield "other" if held == "." else "."


def _axis_values(_: object, held: Texts) -> Iterator[Texts]:
    *first, last = held
    yield (*held, "9.99")
    if first:
        yield tuple(first)
    yield (*first, f"{last}.1")


def _matrix(stage: Stage, held: tuple[Axis, ...]) -> Iterator[tuple[Axis, ...]]:
    yield (*held, Axis("more", ("a", "b")))
    texts = repr(stage)
    yield from (without(held, axis) for axis in held if f"${{{axis.variable}}}" not in texts)


def _runner(_: object, held: Runner | None) -> Iterator[Runner | None]:
    if held is not None:
        yield None
        return
    yield from (Runner(("more",)), Runner(arch="arm64"), Runner(cpus=2), Runner(memory="6Gi"), Runner(gpus=1))


MORE_SERVICE = Service("more", "redis:7", 6379)
MORE_SECRET = Secret("MORE_SECRET", "MORE_SECRET")

OTHERS: dict[tuple[type, str], Other] = {
    (Input, "name"): _word("other-{}"),
    (Input, "default"): _input_default,
    (Input, "choices"): _choices,
    (Input, "help"): _word("other {}"),
    (Event, "kind"): _event_kind,
    (Event, "name"): _if(lambda event: event.kind in ("schedule", "manual"), _word("other-{}")),
    (Event, "branches"): _if(_is("push"), _texts("more/*", "other/{}")),
    (Event, "tag"): _if(_is("tag"), _word("other-{}")),
    (Event, "cron"): _if(_is("schedule"), _one_of("7 4 * * 2")),
    (Event, "forks"): _if(_is("pull_request"), _flip),
    (Event, "inputs"): _if(_is("manual"), _values(Input("more", "a"))),
    (Secret, "name"): _word("OTHER_{}"),
    (Secret, "stored"): _word("OTHER_{}"),
    (Secret, "file"): _flip,
    (Secret, "optional"): _flip,
    (Service, "alias"): _word("other-{}"),
    (Service, "image"): _word("mirror.example/{}"),
    (Service, "port"): _one_of(6543),
    (Service, "variables"): lambda _, held: pairs(held),
    (Service, "command"): _word("serve {}", may_be_none=True),
    (Cache, "paths"): _texts("more/cache", "other/{}", least=1),
    (Cache, "key_files"): _texts("more.lock", "other/{}"),
    (Cache, "variable"): _word("OTHER_{}", may_be_none=True),
    (Axis, "name"): _none,
    (Axis, "values"): _axis_values,
    (Runner, "labels"): _texts("more"),
    (Runner, "arch"): _one_of("amd64", "arm64", None),
    (Runner, "cpus"): _plus(2),
    (Runner, "memory"): _one_of("6Gi", "12Gi", None),
    (Runner, "gpus"): _plus(1, least=0),
    **{(Checkout, name): _flip for name in ("history", "tags", "lfs", "submodules")},
    (Registry, "host"): _none,
    (Registry, "username"): _none,  # the two are there together, or none is: see (Container, "registry")
    (Registry, "password"): _none,
    (Container, "repository"): _word("{}-other"),
    (Container, "tags"): _texts("more", "{}-other", least=1),
    (Container, "context"): _contexts,
    (Container, "dockerfile"): _word("other/{}"),
    (Container, "args"): lambda _, held: pairs(held),
    (Container, "registry"): _registry,
    (Environment, "url"): _word("https://other.example/{}", may_be_none=True),
    (Environment, "config"): _word("other/{}", may_be_none=True),
    (Stage, "kind"): _kind,
    (Stage, "image"): _word("mirror.example/{}"),
    (Stage, "shell"): _one_of("sh", "bash"),
    (Stage, "setup"): _texts("make more", "{} --other"),
    (Stage, "commands"): _texts("make more", "{} --other", least=1),
    (Stage, "message"): _word("Other: {}"),
    (Stage, "variables"): lambda _, held: pairs(held),
    (Stage, "secrets"): _values(MORE_SECRET),
    (Stage, "services"): _values(MORE_SERVICE),
    (Stage, "reports"): _texts("more/report.xml"),
    (Stage, "keep"): _keep,
    (Stage, "keep_for"): _if(lambda stage: stage.keep, _plus(86400)),
    (Stage, "caches"): _values(Cache(("more/cache",), ("more.lock",))),
    (Stage, "matrix"): _matrix,
    (Stage, "timeout"): _plus(660),
    (Stage, "retries"): _plus(1, least=0),
    (Stage, "allow_failure"): _flip,
    (Stage, "only_if"): _texts("more/**"),
    (Stage, "lock"): _word("other-{}", may_be_none=True),
    (Stage, "runner"): _runner,
    (Stage, "checkout"): _none,
    (Stage, "container"): _none,
}
"""What each field could hold as well. Fields that are not here are changed above, with all that depends on them."""
