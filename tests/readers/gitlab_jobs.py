"""The jobs of a GitLab configuration as the server sees them: includes merged, `extends` and `!reference` resolved."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .scalars import Tagged

Config = Mapping[str, Any]
Job = Mapping[str, Any]

ROOT = ".gitlab-ci.yml"
GLOBAL = ("default", "include", "stages", "variables", "workflow", "spec")
DEPRECATED = ("image", "services", "cache", "before_script", "after_script")
STAGES = ("build", "test", "deploy")


@dataclass(frozen=True)
class Pipeline:
    """One pipeline: its main file, the merged configuration, and its jobs by name."""

    path: str
    config: Config
    jobs: Mapping[str, Job]
    child: bool


@dataclass(frozen=True)
class Need:
    """One entry of `needs`."""

    job: str
    optional: bool = False
    elsewhere: bool = False
    cells: tuple[dict[str, str], ...] = ()


def pipelines(configs: Mapping[str, Config]) -> list[Pipeline]:
    """The root pipeline and those that its trigger jobs include by path, at any depth."""
    found: list[Pipeline] = []
    waiting = [(ROOT, [ROOT])] if ROOT in configs else []
    while waiting:
        path, parts = waiting.pop(0)
        if all(path != other.path for other in found):
            config = _merged([with_includes(configs[part], configs) for part in parts])
            found.append(Pipeline(path, config, jobs(config), path != ROOT))
            waiting += [(child[0], child) for child in _children(found[-1], configs)]
    return found


def _children(pipeline: Pipeline, configs: Mapping[str, Config]) -> Iterator[list[str]]:
    for job in pipeline.jobs.values():
        paths = [path for path in local_paths(child_includes(job)) if path in configs]
        if paths:
            yield paths


def child_includes(job: Job) -> list[Any]:
    """What a trigger job includes as its child pipeline, as a list."""
    trigger = job.get("trigger")
    return _as_list(trigger.get("include")) if isinstance(trigger, dict) else []


def local_paths(includes: list[Any]) -> list[str]:
    """The includes that are files of this repository, relative to its root."""
    paths = [entry.get("local") if isinstance(entry, dict) else entry for entry in includes]
    return [path.lstrip("/") for path in paths if isinstance(path, str) and "://" not in path]


def with_includes(config: Config, configs: Mapping[str, Config]) -> Config:
    """The configuration over the local files that it includes."""
    paths = [path for path in local_paths(_as_list(config.get("include"))) if path in configs]
    return _merged([*(with_includes(configs[path], configs) for path in paths), config])


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _merged(parts: list[Config]) -> Config:
    """Mappings are merged, everything else is replaced, `null` removes."""
    result: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            old = result.get(key)
            result[key] = _merged([old, value]) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def jobs(config: Config) -> dict[str, Job]:
    """The visible jobs; a template that does not exist is left to the rule on `extends`."""
    names = [name for name, value in config.items() if isinstance(value, dict) and is_job(name)]
    return {name: _resolve(_extended(config[name], config, 0), config, 0) for name in names}


def is_job(name: str) -> bool:
    return not name.startswith(".") and name not in (*GLOBAL, *DEPRECATED)


def templates(job: Job) -> list[str]:
    """What the job extends, in order."""
    return [name for name in _as_list(job.get("extends")) if isinstance(name, str)]


def _extended(job: Job, config: Config, depth: int) -> Config:
    bases = [config[name] for name in templates(job) if isinstance(config.get(name), dict)] if depth < 11 else []
    merged = _merged([*(_extended(base, config, depth + 1) for base in bases), job])
    return {key: value for key, value in merged.items() if key != "extends" and value is not None}


def _resolve(node: Any, config: Config, depth: int) -> Any:
    """`!reference` replaced by what it names; a list in a list is spliced."""
    if isinstance(node, Tagged) and node.tag == "!reference" and depth < 10:
        target: Any = config
        for part in node.value:
            target = target.get(part) if isinstance(target, dict) else None
        return _resolve(target, config, depth + 1)
    if isinstance(node, dict):
        return {key: _resolve(value, config, depth) for key, value in node.items()}
    if isinstance(node, list):
        items = [(child, _resolve(child, config, depth)) for child in node]
        splice = [value if isinstance(child, Tagged) and isinstance(value, list) else [value] for child, value in items]
        return list(itertools.chain.from_iterable(splice))
    return node


def needs(entries: Any) -> list[Need]:
    """The entries of a `needs` list."""
    found = []
    for entry in _as_list(entries):
        if isinstance(entry, dict) and "job" in entry:
            elsewhere = "project" in entry or "pipeline" in entry
            rows = entry.get("parallel", {}).get("matrix", [])
            found.append(Need(entry["job"], entry.get("optional", False), elsewhere, tuple(cells(rows))))
        elif isinstance(entry, str):
            found.append(Need(entry))
    return found


def all_needs(job: Job) -> list[Need]:
    """The job's needs and those that a rule replaces them with."""
    return [
        *needs(job.get("needs")),
        *(need for rule in job.get("rules", []) if isinstance(rule, dict) for need in needs(rule.get("needs"))),
    ]


def cells(rows: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
    """The cells of a matrix: each row's product."""
    for row in rows:
        values = [[str(value) for value in _as_list(listed)] for listed in row.values()]
        for combination in itertools.product(*values):
            yield dict(zip(row, combination, strict=True))


def matrix(job: Job) -> list[dict[str, str]]:
    """The cells of the job's own matrix."""
    parallel = job.get("parallel")
    return list(cells(parallel["matrix"])) if isinstance(parallel, dict) and "matrix" in parallel else []


def stages(config: Config) -> list[str]:
    """All stages in order, with the two that always exist."""
    return [".pre", *(name for name in config.get("stages", STAGES) if name not in (".pre", ".post")), ".post"]
