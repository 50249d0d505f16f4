"""What GitLab, or a runner below it, can't take (https://docs.gitlab.com/administration/instance_limits/)."""

from collections.abc import Container, Iterator
from typing import Any

from pipelinekit.backend import Limit, Request
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Pairs, Stage
from pipelinekit_gitlab import documents, escape, needs
from pipelinekit_gitlab.documents import Document
from pipelinekit_gitlab.layout import Layout
from pipelinekit_gitlab.settings import Settings

_MOST_NEEDS = 50
_MOST_FROM_PARENT = 5
_MOST_CELLS = 200
_LONGEST_NAME = 128
_MOST_CACHES = 4
_MOST_KEY_FILES = 2
_MOST_GLOBS = 50
_MOST_TAGS = 49
_MOST_OPTIONS = 50
_LARGEST_VARIABLE = 131_071
_LARGEST_FILE = 2_000_000
_LARGEST_JOB = 1_000_000

_REFERENCE = "doc/ci/yaml/_index.md"

NEEDS = Limit("needs", f"lets a job need {_MOST_NEEDS} others", f"18, `needs` in {_REFERENCE}", "let one stage gather some of them")
FROM_PARENT = Limit(
    "needs-of-parent",
    f"lets a job of a child pipeline take files of {_MOST_FROM_PARENT} jobs outside of it",
    f"18, `needs:pipeline:job` in {_REFERENCE}",
    "let one stage gather them",
)
CELLS = Limit("cells", f"makes {_MOST_CELLS} jobs of a matrix", f"18, `parallel:matrix` in {_REFERENCE}", "split its matrix")
NAME = Limit("job-name", f"lets the name of a cell have {_LONGEST_NAME} characters", f"18, job names in {_REFERENCE}", "shorten the values")
CACHES = Limit("caches", f"gives a job {_MOST_CACHES} caches", f"18, `cache` in {_REFERENCE}", "give one cache several paths")
KEY_FILES = Limit(
    "key-files", f"names a cache by {_MOST_KEY_FILES} files", f"18, `cache:key:files` in {_REFERENCE}", "name the two that decide"
)
GLOBS = Limit("globs", f"compares {_MOST_GLOBS} globs", f"18, `rules:changes` in {_REFERENCE}", "use ** for whole folders")
TAGS = Limit("labels", f"lets a job ask for {_MOST_TAGS} labels", f"18, `tags` in {_REFERENCE}")
OPTIONS = Limit("choices", f"gives an input {_MOST_OPTIONS} choices", "18, `spec:inputs:options` in doc/ci/inputs/_index.md")
QUOTATION = Limit(
    "quotation",
    "starts a service with the words of its command: a quotation must end",
    f"18, `services:command` in {_REFERENCE}",
    "end the quotation",
)
INPUT = Limit(
    "brackets",
    "takes `$[[ … ]]` for an input in every text of a file that has inputs, and has no way to write it as text",
    "18, `BLOCK_PATTERN` in lib/gitlab/ci/config/interpolation/template.rb",
    "put the command into a script of the repository",
)
REFERENCE = Limit(
    "references",
    "puts a variable for `%NAME%` in the URL of an environment and in globs of changed files, and has no way to write it as text",
    "18, `VARIABLES_REGEXP` in lib/expand_variables.rb",
    "leave out one of the two %",
)
VARIABLE = Limit(
    "variable",
    "can't start programs with a variable, or an argument, of more than 128 KiB",
    "Linux, `MAX_ARG_STRLEN` in include/uapi/linux/binfmts.h",
    "put it into a file of the repository",
)
FILE = Limit(
    "file",
    "reads files of 2 MB, and of 1 MB for one job",
    "18, `max_yaml_size_bytes`; 18.11, the compiled configuration of a job, in doc/administration/instance_limits.md",
    "put long scripts into files of the repository",
)
PATH = Limit(
    "path",
    "loses the character U+0080 in paths of artifacts and caches",
    "gitlab-runner 19.4, `shell.Expand` in commands/helpers/artifacts_uploader.go and cache_archiver.go",
    "call the file otherwise",
)
LIMITS = (NEEDS, FROM_PARENT, CELLS, NAME, CACHES, KEY_FILES, GLOBS, TAGS, OPTIONS, QUOTATION, INPUT, REFERENCE, VARIABLE, PATH, FILE)


def of_plan(layout: Layout, request: Request[Settings]) -> Iterator[Diagnostic]:
    """One error for each limit that a stage goes beyond."""
    for stage in layout.plan.stages:
        for limit, message in _of_stage(layout, stage):
            yield limit.broken(f"{stage.name} {message}", stage)
    for environment in layout.blocks:
        count = len(needs.names(layout, layout.trigger(environment)))
        if count > _MOST_NEEDS:
            yield NEEDS.broken(f"the stages of {environment} need {count} jobs outside of it", source=request.plan.source)
    for value in documents.inputs(layout):
        if len(value.choices) > _MOST_OPTIONS:
            yield OPTIONS.broken(f"the input {value.name} has {len(value.choices)} choices", source=request.plan.source)
    for place in layout.plan.environments:
        for found in escape.references(place.url or ""):
            yield REFERENCE.broken(f"the URL of {place.name} holds {found}", source=place.source)
    for name in _large(layout.plan.variables):
        yield VARIABLE.broken(f"the variable {name} has more than 128 KiB", source=request.plan.source)


def of_document(document: Document, request: Request[Settings]) -> Iterator[Diagnostic]:
    """What is wrong with a file as data."""
    name, body = document.path, document.body
    for found in sorted(_taken_for_inputs(document, request)):
        yield INPUT.broken(f"{name} would hold {found!r} as text", source=request.plan.source)
    if sum(map(_size, escape.strings(body))) > _LARGEST_FILE:
        yield FILE.broken(f"{name} is larger than 2 MB", source=request.plan.source)
    for job, entry in body.items():
        if isinstance(entry, dict) and sum(map(_size, escape.strings(entry))) > _LARGEST_JOB:
            yield FILE.broken(f"{job} in {name} is larger than 1 MB", source=request.plan.source)


def _taken_for_inputs(document: Document, request: Request[Settings]) -> set[str]:
    """Texts that GitLab would take for inputs, beside those that are meant: by the backend, or by the definition's raw parts."""
    if not document.inputs:
        return set()
    plan = request.plan
    parts = [_without(entry, ("trigger",)) for name, entry in document.body.items() if name != "variables"]
    parts.append(_without(document.body.get("variables", {}), document.given))
    raw = {text for part in (plan.raw, *(stage.raw for stage in plan.stages)) for text in escape.strings(part.get("gitlab", {}))}
    return {found for part in parts for text in escape.strings(part) if text not in raw for found in escape.inputs(text)}


def _without(data: Any, keys: Container[str]) -> Any:
    return {key: part for key, part in data.items() if key not in keys} if isinstance(data, dict) else data


def _size(text: str) -> int:
    """Bytes that a text takes once it is read: an object of Ruby, or of JSON."""
    return len(text.encode()) + 40


def _of_stage(layout: Layout, stage: Stage) -> Iterator[tuple[Limit, str]]:
    count = needs.count(layout, stage)
    if count > _MOST_NEEDS:
        yield NEEDS, f"needs {count} jobs"
    entries = needs.of_job(layout, stage) if layout.home(stage.name) else []
    crossing = sum("pipeline" in entry for entry in entries) if isinstance(entries, list) else 0
    if crossing > _MOST_FROM_PARENT:
        yield FROM_PARENT, f"asks {crossing} jobs outside of its environment for files"
    cells = 1
    for axis in stage.matrix:
        cells *= len(axis.values)
    if cells > _MOST_CELLS:
        yield CELLS, f"has {cells} cells"
    longest = len(needs.job_name(stage.name, tuple((axis.name, max(axis.values, key=len)) for axis in stage.matrix)))
    if longest > _LONGEST_NAME:
        yield NAME, f"has a cell whose job has a name of {longest} characters"
    yield from _of_lists(stage)
    yield from _of_texts(stage)


def _of_lists(stage: Stage) -> Iterator[tuple[Limit, str]]:
    if len(stage.caches) > _MOST_CACHES:
        yield CACHES, f"has {len(stage.caches)} caches"
    if any(len(cache.key_files) > _MOST_KEY_FILES for cache in stage.caches):
        yield KEY_FILES, f"has a cache that is named by more than {_MOST_KEY_FILES} files"
    if len(stage.only_if) > _MOST_GLOBS:
        yield GLOBS, f"has {len(stage.only_if)} globs in only_if"
    if stage.runner and len(stage.runner.labels) > _MOST_TAGS:
        yield TAGS, f"asks for {len(stage.runner.labels)} labels"


def _of_texts(stage: Stage) -> Iterator[tuple[Limit, str]]:
    for service in stage.services:
        if _broken(service.command or ""):
            yield QUOTATION, f"has a service {service.alias} whose command has a quotation without end"
    for glob in stage.only_if:
        yield from ((REFERENCE, f"has a glob that holds {found}") for found in escape.references(glob))
    cached = [path for cache in stage.caches for path in cache.paths]
    yield from ((PATH, f"has a path {path!r}") for path in (*stage.outputs, *stage.keep, *stage.reports, *cached) if "\x80" in path)
    arguments = stage.container.args if stage.container else ()
    for service in stage.services:
        yield from ((VARIABLE, f"has a service {service.alias} whose {name} has more than 128 KiB") for name in _large(service.variables))
    yield from ((VARIABLE, f"has {name} of more than 128 KiB") for name in _large((*stage.variables, *arguments)))


def _large(variables: Pairs) -> list[str]:
    return [name for name, text in variables if len(f"{name}={text}".encode()) > _LARGEST_VARIABLE]


def _broken(command: str) -> bool:
    """Whether a command can't be split into words."""
    from shlex import split

    try:
        split(command)
    except ValueError:
        return True
    return False
