"""A plan that came as JSON, held to what the constructors of a definition refuse: they never saw it."""

import re
from collections.abc import Callable, Iterator

from pipelinekit.authoring import options, texts
from pipelinekit.diagnostics import DefinitionError, Diagnostic
from pipelinekit.model.names import FACTS
from pipelinekit.model.plan import Cache, Container, Event, Pairs, Plan, Secret, Service, Source, Stage
from pipelinekit.model.value import replace

STAGES = 20_000
_AXIS = re.compile(r"[a-z][a-z0-9_]*")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
_GLOB = re.compile(r"[A-Za-z0-9_*][A-Za-z0-9_./*-]*")


def unfit(plan: Plan, file: str) -> list[Diagnostic]:
    """What a definition could not have said, at the stage that says it."""
    if len(plan.stages) > STAGES:
        return [
            Diagnostic("PK041", "error", f"there are {len(plan.stages):,} stages, and {STAGES:,} at most can be read", "", Source(file))
        ]
    found = list(_refusals(_whole, plan, Source(file)))
    for stage in plan.stages:
        found += _refusals(_stage, stage, stage.source)
    values = {axis.variable for stage in plan.stages for axis in stage.matrix}
    for stage in plan.stages:
        for need in stage.needs:
            found += _refusals(lambda paths: options.paths(paths, "a needed file", values), need.paths, stage.source)
    return found


def _refusals(rule: Callable[..., object], subject: object, source: Source) -> Iterator[Diagnostic]:
    try:
        rule(subject)
    except DefinitionError as error:
        for each in error.diagnostics:
            yield replace(each, source=source, related=())


def _no(code: str, message: str) -> None:
    raise DefinitionError(Diagnostic(code, "error", message))


def _matches(pattern: re.Pattern[str], text: str, what: str) -> None:
    if not pattern.fullmatch(texts.plain(text, what)):
        _no("PK032", f"{text[:100]!r} can't be {what}")


def _whole(plan: Plan) -> None:
    texts.name(plan.name, "a pipeline")
    options.branch(plan.trunk)
    _variables(plan.variables)
    for event in plan.triggers:
        _event(event)
    for environment in plan.environments:
        texts.name(environment.name, "an environment")
        if environment.url is not None and not re.fullmatch(texts._URL, texts.plain(environment.url, "url")):
            _no("PK032", f"url={environment.url[:100]!r} is no URL")
        if environment.config is not None:
            texts.path(environment.config, "config")
        for event in environment.on:
            _event(event)
    for target, settings in plan.targets.items():
        texts.mapping(settings, f"targets[{target!r}]")
    for target, reasons in plan.accept.items():
        options.reasons(target, reasons)
        texts.mapping(reasons, f"accept[{target!r}]")
    texts.mapping(plan.raw, "raw")

    for image, digest in (plan.locked or {}).items():
        texts.image(f"{image}@{digest}")


def _event(event: Event) -> None:
    if event.name:
        texts.name(event.name, "an event")
    for glob in (*event.branches, *([event.tag] if event.tag else [])):
        _matches(_GLOB, glob, "a glob of branches or tags")
    if event.kind == "schedule" and texts.cron(event.cron) != event.cron:
        _no("PK018", f"{event.cron[:100]!r} is no schedule")
    for given in event.inputs:
        texts.name(given.name, "an input")
        texts.variable(given.variable)
        for text in (given.default, given.help, *given.choices):
            texts.plain(text, "an input's text")


def _stage(stage: Stage) -> None:
    options.stage_name(stage.name, stage.kind, stage.environment)
    if stage.of is not None or stage.cell:
        _no("PK032", "a stage of a definition is no cell of another")
    for axis in stage.matrix:
        _matches(_AXIS, axis.name, "an axis")
        texts.variable(axis.variable)
        for word in axis.values:
            _matches(texts._TAG, word, "a matrix value")
        if not axis.values or len(set(axis.values)) != len(axis.values):
            _no("PK019", f"the axis {axis.name} needs at least one value, each once")
    values = {axis.variable for axis in stage.matrix}
    if stage.is_gate:
        options.line(stage.message)
    if stage.image is not None:
        texts.image(stage.image, "image", values)
    for command in (*stage.setup, *stage.commands):
        options._command(command)
    _variables(stage.variables)
    for secret in stage.secrets:
        _secret(secret)
    for event in stage.on or ():
        _event(event)
    for service in stage.services:
        _service(service)
    for cache in stage.caches:
        _cache(cache)
    for what in ("outputs", "reports", "keep"):
        options.paths(getattr(stage, what), what, values, globs=what != "outputs")
    options.paths(stage.only_if, "glob", set(), globs=True)
    if stage.container:
        _container(stage.container)
    if stage.lock is not None:
        texts.name(stage.lock, "a lock")
    if stage.runner:
        for label in (*stage.runner.labels, *([stage.runner.arch] if stage.runner.arch else [])):
            _matches(_LABEL, label, "a label")
        if stage.runner.memory is not None:
            _matches(re.compile(r"[1-9][0-9]*(Mi|Gi)"), stage.runner.memory, "an amount of memory")
    options.retries(stage.retries)
    for what, time in (("timeout", stage.timeout), ("keep_for", stage.keep_for)):
        texts.duration(time, what)
    texts.mapping(stage.raw, "raw")
    options.check_stage(stage)


def _variables(pairs: Pairs) -> None:
    if len(dict(pairs)) != len(pairs):
        _no("PK011", "a variable is set twice")
    texts.variables(dict(pairs), "variables")


def _secret(secret: Secret) -> None:
    texts.variable(secret.name)
    if not texts._VARIABLE.fullmatch(secret.stored):
        _no("PK010", f"{secret.stored[:100]!r} can't be a key of every system's secret store")


def _service(service: Service) -> None:
    texts.name(service.alias, "a service")
    texts.image(service.image)
    _variables(service.variables)
    if not 0 < service.port < 65536:
        _no("PK032", f"port={service.port} is no TCP port")
    if service.command is not None:
        texts.looks_secret(texts.plain(service.command, "command"), "command")


def _cache(cache: Cache) -> None:
    for path in (*cache.paths, *cache.key_files):
        texts.path(path, "cache path")
    if cache.variable is not None:
        texts.variable(cache.variable)


def _container(container: Container) -> None:
    texts.repository(container.repository)
    for tag in container.tags:
        texts.tag(tag)
    for path in (container.context, container.dockerfile):
        if path != ".":
            texts.path(path, "path")
    for key, text in container.args:
        texts.variable(key)
        texts.plain(text, "a build argument")
        for found in texts.PLACEHOLDER.findall(text):
            if found in FACTS and found not in ("PK_SHA", "PK_SHORT_SHA"):
                _no("PK014", f"args[{key!r}] would hold {found}")
    if container.registry:
        texts.repository(f"{container.registry.host}/x")
        for secret in (container.registry.username, container.registry.password):
            if secret:
                _secret(secret)
