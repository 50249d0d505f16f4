"""Reads Cloud Build files: `cloudbuild*.yaml`, one build each, and `cloudbuild.triggers.yaml`, one trigger a document.

Three readers agree or speak: the JSON schema that check-jsonschema carries (unknown step keys, durations, missing
steps), the strict protobuf parse that gcloud does (unknown keys anywhere, types, enums), and the service's own rules
(`cloudbuild_rules`, `cloudbuild_substitutions`, `cloudbuild_triggers`).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from google.cloud.devtools.cloudbuild_v1.types import Build, BuildTrigger
from google.protobuf import json_format

from . import cloudbuild_rules, cloudbuild_substitutions, cloudbuild_triggers, scalars, schemas

TRIGGERS = "cloudbuild.triggers.yaml"

LARGEST_FILE = 100_000
"""A build message above some 128 KiB is accepted and never scheduled: keep well below (bytes)."""

LACKING_IN_PROTO = {
    "build": ("options.pubsubTopic", "options.rankedMachineSeries", "artifacts.genericArtifacts", "artifacts.oci"),
    "trigger": ("includeBuildLogs", "developerConnectEventConfig"),
}
"""Fields of the REST API that google-cloud-build 3.43 has no message field for."""

LACKING_IN_SCHEMA = {
    "machineType": ("E2_STANDARD_2",),
    "options": ("enableStructuredLogging", "pubsubTopic", "rankedMachineSeries", "workerRelease"),
}
"""What the REST API takes and the vendored schema refuses."""


@dataclass(frozen=True)
class CloudBuild:
    """What one target renders: the builds by path, the triggers in file order."""

    builds: dict[str, dict[str, Any]]
    triggers: list[dict[str, Any]]


def read(files: Mapping[str, str]) -> CloudBuild:
    """The builds and triggers as data.

    Raises:
        yaml.YAMLError: a file is not YAML.
    """
    builds = {path: scalars.documents(text) for path, text in _build_files(files).items()}
    triggers = scalars.documents(files[TRIGGERS]) if TRIGGERS in files else []
    return CloudBuild({path: found[0] for path, found in builds.items()}, triggers)


def problems(files: Mapping[str, str]) -> list[str]:
    """Everything that one of the readers would say against these files."""
    return [*_file_problems(files)] or [*_content_problems(files)]


def _build_files(files: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in scalars.yaml_files(files).items() if path != TRIGGERS}


def _file_problems(files: Mapping[str, str]) -> Iterator[str]:
    """What keeps a file from being read as a build or as triggers at all."""
    for path, text in scalars.yaml_files(files).items():
        try:
            found = scalars.documents(text)
        except yaml.YAMLError as error:
            yield f"{path}: {scalars.one_line(error)}"
            continue
        if path != TRIGGERS and len(found) != 1:
            yield f"{path}: holds {len(found)} documents; a build file is one build"
        elif not all(isinstance(document, dict) for document in found):
            yield f"{path}: the root is not a mapping"


def _content_problems(files: Mapping[str, str]) -> Iterator[str]:
    parsed = read(files)
    for path, build in parsed.builds.items():
        if len(files[path].encode()) >= LARGEST_FILE:
            yield f"{path}: has {len(files[path].encode())} bytes; above {LARGEST_FILE} a build may never be scheduled"
        callers = [trigger for trigger in parsed.triggers if cloudbuild_triggers.file_of(trigger) == path]
        yield from (f"{path}: {problem}" for problem in _build_problems(build, callers))
    for index, trigger in enumerate(parsed.triggers):
        where = f"{TRIGGERS}: {trigger.get('name', f'document {index + 1}')}"
        yield from (f"{where}: {problem}" for problem in _trigger_problems(trigger, parsed))
    yield from (f"{TRIGGERS}: {problem}" for problem in cloudbuild_triggers.together(parsed.triggers))


def _build_problems(build: dict[str, Any], callers: list[dict[str, Any]]) -> list[str]:
    """The rules stand on the types that schema and protobuf have checked."""
    unreadable = [*_schema()(build), *_proto_problems(Build, build, LACKING_IN_PROTO["build"])]
    return unreadable or [
        *(problem for rule in cloudbuild_rules.RULES for problem in rule(build)),
        *(problem for rule in cloudbuild_rules.RULES_WITH_CALLERS for problem in rule(build, callers)),
        *(problem for rule in cloudbuild_substitutions.RULES for problem in rule(build, callers)),
    ]


def _trigger_problems(trigger: dict[str, Any], parsed: CloudBuild) -> list[str]:
    unreadable = [*_proto_problems(BuildTrigger, trigger, LACKING_IN_PROTO["trigger"])]
    return unreadable or [
        *(problem for rule in cloudbuild_triggers.RULES for problem in rule(trigger)),
        *cloudbuild_triggers.missing_file(trigger, parsed.builds),
    ]


def _proto_problems(message: Any, data: dict[str, Any], lacking: tuple[str, ...]) -> Iterator[str]:
    try:
        json_format.ParseDict(_without(data, lacking), message.pb()(), ignore_unknown_fields=False)
    except json_format.ParseError as error:
        yield " ".join(str(error).partition(" Available Fields")[0].split())


def _without(data: dict[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    """`data` less the fields at dotted `paths`."""
    left = copy.deepcopy(data)
    for path in paths:
        *parents, last = path.split(".")
        node: Any = left
        for parent in parents:
            node = node.get(parent, {}) if isinstance(node, dict) else {}
        if isinstance(node, dict):
            node.pop(last, None)
    return left


@cache
def _schema() -> Callable[[Any], list[str]]:
    tree = copy.deepcopy(schemas.schema("cloudbuild"))
    options = tree["definitions"]["BuildOptions"]
    options["properties"]["machineType"]["enum"] += LACKING_IN_SCHEMA["machineType"]
    options["properties"].update({key: {} for key in LACKING_IN_SCHEMA["options"]})
    return schemas.reader(tree)
