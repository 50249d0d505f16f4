"""Reads Concourse pipelines with the rules of `fly validate-pipeline --strict`, and with what no validator checks.

`fly` says nothing about a task input that nothing produced, a duration of a task, or a key that the server ignores:
`concourse_flow` and `concourse_grammar` do. Concourse's own code, of 7.6, is asked beside them in `concourse_go`; the module
proxy has no younger commit of github.com/concourse/concourse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from . import concourse_flow, concourse_grammar, concourse_rules, scalars


def read(files: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Each file's one document: a pipeline, or the configuration of a task.

    Raises:
        yaml.YAMLError: a file is not YAML.
    """
    return {path: scalars.documents(text)[0] for path, text in scalars.yaml_files(files).items()}


def problems(files: Mapping[str, str]) -> list[str]:
    """Everything that fly, the server or a build would say against these files."""
    unreadable = [*_unreadable(files)]
    if unreadable:
        return unreadable
    parsed = read(files)
    found = {path: _problems(data, parsed) for path, data in parsed.items()}
    return [f"{path}: {problem}" for path, lines in found.items() for problem in lines]


def _unreadable(files: Mapping[str, str]) -> Iterator[str]:
    for path, text in scalars.yaml_files(files).items():
        try:
            found = scalars.documents(text)
        except yaml.YAMLError as error:
            yield f"{path}: {scalars.one_line(error)}"
            continue
        if len(found) != 1 or not isinstance(found[0], dict):
            yield f"{path}: a pipeline is one document, a mapping"


def _is_task(data: Mapping[str, Any]) -> bool:
    return "platform" in data and "jobs" not in data


def _problems(data: dict[str, Any], parsed: Mapping[str, dict[str, Any]]) -> list[str]:
    """The rules stand on the shapes that the grammar has checked."""
    if _is_task(data):
        return [*concourse_grammar.task_config("task", data)]
    tasks = {path: other for path, other in parsed.items() if _is_task(other)}
    return [*concourse_grammar.pipeline(data)] or [
        *(problem for rule in concourse_rules.RULES for problem in rule(data)),
        *concourse_flow.artifacts(data, tasks),
    ]
