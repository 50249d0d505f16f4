"""Reads `.gitlab-ci.yml` and the files that it includes by path.

Readers: GitLab's own JSON schema as check-jsonschema carries it, the rules that only the server would tell
(`gitlab_rules`), every event's selection of jobs (`gitlab_events`), and gitlab-ci-local (`gitlab_engine`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import yaml

from . import gitlab_engine, gitlab_events, gitlab_jobs, gitlab_rules, scalars, schemas

LARGEST_FILE = 200_000
"""Bytes; GitLab's limit of 1 to 2 MB counts parsed memory, some ten times the text."""


def read(files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The configuration of each file; a `spec` header before it is left out.

    Raises:
        yaml.YAMLError: a file is not YAML.
    """
    return {path: scalars.documents(text)[-1] for path, text in scalars.yaml_files(files).items()}


def problems(files: Mapping[str, str]) -> list[str]:
    """Everything that a GitLab server would say, or silently do wrong."""
    return [*_unreadable(files)] or [*_unlike_the_schema(files)] or [*_against_the_rules(files)]


def _unreadable(files: Mapping[str, str]) -> Iterator[str]:
    if gitlab_jobs.ROOT not in files:
        yield f"{gitlab_jobs.ROOT}: is not rendered"
    for path, text in scalars.yaml_files(files).items():
        if len(text.encode()) > LARGEST_FILE:
            yield f"{path}: has {len(text.encode())} bytes; keep below {LARGEST_FILE}"
        try:
            found = scalars.documents(text)
        except yaml.YAMLError as error:
            yield f"{path}: {scalars.one_line(error)}"
            continue
        if not found or len(found) > 2 or not all(isinstance(document, dict) for document in found):
            yield f"{path}: is no configuration: one mapping, at most a spec before it"


def _unlike_the_schema(files: Mapping[str, str]) -> Iterator[str]:
    for path, config in read(files).items():
        yield from (f"{path}: {problem}" for problem in _schema()(_plain(config)))


def _against_the_rules(files: Mapping[str, str]) -> Iterator[str]:
    configs = read(files)
    pipelines = gitlab_jobs.pipelines(configs)
    yield from _files(configs, pipelines)
    for pipeline in pipelines:
        found = [problem for job in _extended(pipeline) for problem in _schema()(_plain(job))]
        found += [problem for rule in gitlab_rules.RULES for problem in rule(pipeline)]
        bad = [*gitlab_events.expressions(pipeline)]
        events = () if bad else gitlab_events.RULES
        found += bad + [problem for rule in events for problem in rule(pipeline)]
        yield from (f"{pipeline.path}: {problem}" for problem in found)


def _extended(pipeline: gitlab_jobs.Pipeline) -> Iterator[dict[str, Any]]:
    """The jobs that extend something, as they are then: a template may hold what a job may not."""
    for name, job in pipeline.jobs.items():
        if "extends" in pipeline.config[name]:
            yield {name: job}


def _files(configs: Mapping[str, Any], pipelines: list[gitlab_jobs.Pipeline]) -> Iterator[str]:
    """Files that are included are rendered, and the other way round."""
    used = {gitlab_jobs.ROOT}
    holders = [*configs.items(), *((pipeline.path, {"include": _child_files(pipeline)}) for pipeline in pipelines)]
    for path, holder in holders:
        includes = holder.get("include", [])
        for included in gitlab_jobs.local_paths(includes if isinstance(includes, list) else [includes]):
            used.add(included)
            if included not in configs:
                yield f"{path}: includes {included}, which is not rendered"
    yield from (f"{path}: is included by nothing" for path in configs if path not in used)


def _child_files(pipeline: gitlab_jobs.Pipeline) -> list[Any]:
    return [entry for job in pipeline.jobs.values() for entry in gitlab_jobs.child_includes(job)]


def _plain(node: Any) -> Any:
    """`!reference` as the list that check-jsonschema's transform makes of it."""
    if isinstance(node, scalars.Tagged):
        return _plain(node.value)
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(child) for child in node] if isinstance(node, list) else node


@cache
def _schema() -> Callable[[Any], list[str]]:
    return schemas.reader(schemas.schema("gitlab-ci"))


EVENTS = tuple(gitlab_engine.EVENTS)


def gitlab_ci_local(files: Mapping[str, str], events: tuple[str, ...] = EVENTS) -> dict[str, list[dict[str, Any]]]:
    """What gitlab-ci-local lists for each event: one row per job and matrix cell, `when: never` if it is left out.

    Raises:
        gitlab_engine.Refused: it takes the files for invalid.
    """
    return gitlab_engine.listed(files, events)
