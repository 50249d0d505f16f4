"""Reads `.drone.yml` as its two readers do.

The server reads the raw text and decides which pipelines run; the runner substitutes in the whole text first, reads
it again and builds the steps. A file must be right for both, so every rule sees both views.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from . import drone_rules, envsubst, scalars, schemas

LONGEST_LINE = 65_535
"""Bytes; a longer line silently ends the file there (bufio.Scanner's token limit)."""


@dataclass(frozen=True)
class Erratum:
    """Where the vendored schema refuses what Drone takes."""

    where: tuple[str, ...]
    add: Any
    reason: str


_ANY: dict[str, Any] = {}
_STRINGS = {"type": "array", "items": {"type": "string"}}

ERRATA = (
    Erratum(
        ("step", "properties", "failure", "enum"),
        ["fast", "fail-fast", "fast-fail", "fail"],
        "the runner's compiler also knows the fast failure policy, and `fail` as the default",
    ),
    Erratum(
        ("step_docker", "allOf", "1", "properties"),
        {
            "command": _STRINGS,
            "entrypoint": _STRINGS,
            "working_dir": {"type": "string"},
            "devices": _ANY,
            "dns": _STRINGS,
            "dns_search": _STRINGS,
            "extra_hosts": _STRINGS,
            "shm_size": _ANY,
            "mem_limit": _ANY,
            "memswap_limit": _ANY,
            "shell": {"type": "string"},
        },
        "fields of the docker runner's step resource that the schema has for services only, or not at all",
    ),
    Erratum(
        ("volumes", "items", "properties", "temp", "properties"),
        {"size_limit": _ANY},
        "temporary volumes in memory take a size limit",
    ),
    Erratum(
        ("services", "items", "properties", "pull"),
        {"const": None, "enum": ["always", "never", "if-not-exists"]},
        "services are steps: they take the same pull policies",
    ),
    Erratum(
        ("services", "items", "properties"),
        {"command": _STRINGS, "entrypoint": _STRINGS},
        "a word of a command may be empty",
    ),
    Erratum(
        ("platform", "properties", "arch", "enum"),
        ["ppc64le", "s390x"],
        "the server's list of architectures has them",
    ),
    Erratum(
        ("conditions", "anyOf"),
        [{"type": "string"}],
        "a condition may be one string",
    ),
    Erratum(
        ("allConditions", "properties"),
        {"status": {"$ref": "#/definitions/conditions"}, "action": {"$ref": "#/definitions/conditions"}},
        "status takes the same forms as the other conditions, and action is one of them",
    ),
)


def split(text: str) -> list[str]:
    """The documents of a file, line by line: a line that starts with `---` separates, one with `...` ends the file.

    Text before the first separator is a document of its own, and so is nothing after the last one.
    """
    found: list[list[str]] = []
    fresh = True
    for line in _text_lines(text):
        if line.startswith("---"):
            found.append([])
        elif fresh:
            found.append([line])
        elif line.startswith("..."):
            break
        else:
            found[-1].append(line)
        fresh = False
    return ["".join(f"{line}\n" for line in lines) for lines in found]


def _text_lines(text: str) -> list[str]:
    """Lines as Go reads them: `\\n` alone ends one."""
    return text.removesuffix("\n").split("\n")


def read(files: Mapping[str, str]) -> list[dict[str, Any]]:
    """The documents as the server reads them, of all files in order.

    Raises:
        yaml.YAMLError: a document is not YAML.
    """
    texts = scalars.yaml_files(files).values()
    return [_document(document) for text in texts for document in split(text)]


def _document(text: str) -> dict[str, Any]:
    found = scalars.documents(text)
    return found[0] if found and isinstance(found[0], dict) else {}


def problems(files: Mapping[str, str], *, trusted: bool = False) -> list[str]:
    """Everything the server or the runner would say, or silently do wrong.

    `trusted` is the repository's setting on the server: privileged steps and host volumes need it.
    """
    yaml_files = scalars.yaml_files(files)
    return [f"{path}: {problem}" for path, text in yaml_files.items() for problem in _problems(text, trusted)]


def _problems(text: str, trusted: bool) -> list[str]:
    return [*_lines(text)] or [*_views(text)] or [*_rules(text, trusted)]


def _lines(text: str) -> Iterator[str]:
    """What the line-based reading cuts off."""
    for number, line in enumerate(_text_lines(text), 1):
        if len(line.encode()) > LONGEST_LINE:
            yield f"line {number}: is longer than 64 KiB: the file silently ends before it"
        if line.startswith("---") and line.split("#")[0].rstrip() != "---":
            yield f"line {number}: starts with ---, so a new document begins here"
        if line.startswith("..."):
            yield f"line {number}: starts with ..., so the file ends here"


def _views(text: str) -> Iterator[str]:
    """Both views parse, the server's has kinds, and both decide alike."""
    try:
        raw = [_document(document) for document in split(text)]
    except yaml.YAMLError as error:
        yield f"the server: {scalars.one_line(error)}"
        return
    for index, document in enumerate(raw, 1):
        if "kind" not in document:
            yield f"document {index}: missing kind attribute"
    try:
        seen = [_document(document) for document in split(envsubst.expand(text, {}))]
    except (yaml.YAMLError, envsubst.BadSubstitution) as error:
        yield f"the runner: {scalars.one_line(error)}"
        return
    yield from _same_decisions(raw, seen)


def _same_decisions(raw: list[dict[str, Any]], seen: list[dict[str, Any]]) -> Iterator[str]:
    if len(raw) != len(seen):
        yield f"the server reads {len(raw)} documents, the runner {len(seen)}"
        return
    for server, runner in zip(raw, seen, strict=True):
        for key in ("kind", "type", "name", "depends_on", "trigger"):
            if server.get(key) != runner.get(key):
                yield f"pipeline {server.get('name')}: {key} is {server.get(key)!r} for the server alone"


def _rules(text: str, trusted: bool) -> Iterator[str]:
    raw = [_document(document) for document in split(text)]
    unreadable = [f"{_where(document)}: {problem}" for document in raw for problem in _schema(document) + _kinds(document)]
    yield from unreadable
    if unreadable:
        return
    pipelines = [document for document in raw if document["kind"] == "pipeline"]
    yield from (problem for rule in drone_rules.SERVER_RULES for problem in rule(pipelines))
    yield from (problem for rule in drone_rules.TEXT_RULES for problem in rule(text, raw))
    seen = [_document(document) for document in split(envsubst.expand(text, {}))]
    for pipeline in (document for document in seen if document["kind"] == "pipeline"):
        found = (problem for rule in drone_rules.RUNNER_RULES for problem in rule(pipeline))
        yield from (f"{_where(pipeline)}: {problem}" for problem in found)
        if not trusted:
            yield from (f"{_where(pipeline)}: {problem}" for problem in drone_rules.needs_trust(pipeline))


def _where(document: dict[str, Any]) -> str:
    return f"{document['kind']} {document.get('name', '')}".rstrip()


def _kinds(document: dict[str, Any]) -> list[str]:
    known = ("pipeline", "secret", "signature", "registry", "cron", "template")
    if document["kind"] in known:
        return []
    return ["the server takes an unknown kind for a pipeline, and no runner takes that"]


def _schema(document: dict[str, Any]) -> list[str]:
    """The schema's word on one document; only the branch of its kind and type, so that the message is to the point."""
    kind = document["kind"]
    if kind == "pipeline":
        docker = _definition("pipeline_docker")(document) if document.get("type") == "docker" else []
        return _definition("kind_pipeline")(document) + docker
    return _definition(f"kind_{kind}")(document) if kind in ("secret", "signature", "template") else []


@cache
def _definition(name: str) -> Callable[[Any], list[str]]:
    definitions = copy.deepcopy(schemas.schema("drone-ci")["definitions"])
    for erratum in ERRATA:
        _apply(definitions, erratum)
    return schemas.reader({"definitions": definitions, "$ref": f"#/definitions/{name}"})


def _apply(definitions: Any, erratum: Erratum) -> None:
    node = definitions
    for part in erratum.where:
        node = node[int(part)] if isinstance(node, list) else node[part]
    if isinstance(node, list):
        node += erratum.add
    else:
        node.update(erratum.add)
        for key in [key for key, value in node.items() if value is None]:
            del node[key]


@dataclass(frozen=True)
class Shell:
    """What a step gives its shell: the script, and the environment that the file sets (secrets as `from_secret`)."""

    script: str
    environment: dict[str, Any]


def commands(files: Mapping[str, str], variables: Mapping[str, str] | None = None) -> dict[tuple[str, str], str]:
    """The shell text that reaches each step, by pipeline and step name.

    `variables` are the DRONE_* values that `${…}` gets. The text of `commands` goes through `echo` where /bin/sh is
    dash: `problems` refuses a backslash there, so this text is what any shell reads.
    """
    return {key: shell.script for key, shell in shells(files, variables).items()}


def shells(files: Mapping[str, str], variables: Mapping[str, str] | None = None) -> dict[tuple[str, str], Shell]:
    """The same with each step's environment, pipeline-level values included."""
    found = {}
    for text in scalars.yaml_files(files).values():
        for document in map(_document, split(envsubst.expand(text, variables or {}))):
            for step in document.get("steps", []):
                environment = {**document.get("environment", {}), **step.get("environment", {})}
                found[document["name"], step["name"]] = Shell(_script(step), environment)
    return found


def _script(step: Mapping[str, Any]) -> str:
    if step.get("commands"):
        return "\n".join(step["commands"])
    return str(step["command"][-1]) if step.get("entrypoint") and step.get("command") else ""
