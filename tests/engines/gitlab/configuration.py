"""The configuration of one pipeline: inputs put in, includes merged, `extends` and `!reference` resolved, defaults given out.

gitlab: `Gitlab::Ci::Config` and its entries; `Gitlab::Ci::YamlProcessor#validate_job!`. What the JSON schema refuses, GitLab does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

import yaml

from tests.readers import gitlab_jobs, scalars, schemas

from .variables import Variable, declared

Job = Mapping[str, Any]

INHERITED = (
    *("after_script", "artifacts", "before_script", "cache", "hooks", "id_tokens", "image", "interruptible"),
    *("retry", "services", "tags", "timeout"),
)
"""gitlab: the entries of `Config::Entry::Job` with `inherit: true`."""

OF_TRIGGERS = ("interruptible",)
MOST_NEEDS = 50
MOST_CELLS = 200
_INPUT = re.compile(r"\$\[\[\s*inputs\.([a-zA-Z0-9_-]+)\s*\]\]")


class Invalid(Exception):
    """The server refuses the configuration; the text is what it would say."""


@dataclass(frozen=True)
class Need:
    """A job that is needed, by its full name. `pipeline` is another pipeline's number, of which files alone are taken."""

    name: str
    artifacts: bool = True
    optional: bool = False
    pipeline: str = ""


@dataclass(frozen=True)
class Cell:
    """One job of an entry: its full name, and the variables that its matrix gives it."""

    name: str
    variables: Mapping[str, str]
    index: int
    total: int


@dataclass(frozen=True)
class Configuration:
    """One pipeline. `jobs` are the file's entries, with defaults, by name."""

    workflow: Mapping[str, Any]
    stages: tuple[str, ...]
    variables: Mapping[str, Variable]
    jobs: Mapping[str, Job]

    def cells(self, name: str) -> list[Cell]:
        """The jobs that an entry becomes (gitlab: `Gitlab::Ci::Config::Normalizer`)."""
        parallel = self.jobs[name].get("parallel")
        if isinstance(parallel, int):
            return [Cell(f"{name} {index}/{parallel}", {}, index, parallel) for index in range(1, parallel + 1)]
        rows = gitlab_jobs.matrix(self.jobs[name])
        if not rows:
            return [Cell(name, {}, 0, 1)]
        return [Cell(cell_name(name, row.values()), row, index, len(rows)) for index, row in enumerate(rows, 1)]


def cell_name(name: str, values: Any) -> str:
    return f"{name}: [{', '.join(values)}]"


def load(files: Mapping[str, str], path: str, given: Mapping[str, Any]) -> Configuration:
    """The configuration of a file, with values for its inputs. Raises Invalid."""
    configs = {path: _interpolated(files, path, given)}
    configs.update({other: _documents(text)[-1] for other, text in scalars.yaml_files(files).items() if other != path})
    merged = gitlab_jobs.with_includes(configs[path], configs)
    jobs = {name: _with_defaults(job, merged.get("default", {})) for name, job in gitlab_jobs.jobs(merged).items()}
    found = Configuration(merged.get("workflow", {}), tuple(gitlab_jobs.stages(merged)), declared(merged.get("variables", {})), jobs)
    _check(found)
    return found


@lru_cache(maxsize=64)
def _documents(text: str) -> list[Any]:
    try:
        documents = scalars.documents(text)
    except yaml.YAMLError as error:
        raise Invalid(scalars.one_line(error)) from None
    problems = _schema()(_without_tags(documents[-1]))
    if problems:
        raise Invalid("; ".join(problems))
    return documents


@cache
def _schema() -> Callable[[Any], list[str]]:
    return schemas.reader(schemas.schema("gitlab-ci"))


def _without_tags(node: Any) -> Any:
    if isinstance(node, scalars.Tagged):
        return _without_tags(node.value)
    if isinstance(node, dict):
        return {key: _without_tags(value) for key, value in node.items()}
    return [_without_tags(each) for each in node] if isinstance(node, list) else node


def _interpolated(files: Mapping[str, str], path: str, given: Mapping[str, Any]) -> Any:
    """gitlab: `Config::Interpolation::Interpolator`, `Gitlab::Ci::Config::Interpolation::Inputs`."""
    if path not in files:
        raise Invalid(f"Local file `{path}` does not exist!")
    *header, config = _documents(files[path])
    if not header:
        if given:
            raise Invalid(f"{path}: unknown input arguments: {', '.join(given)}")
        return config
    values = _inputs(header[0].get("spec", {}).get("inputs", {}), given)
    return put_in(config, values)


def _inputs(spec: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    if set(given) - set(spec):
        raise Invalid(f"unknown input arguments: {', '.join(sorted(set(given) - set(spec)))}")
    values: dict[str, Any] = {}
    for name, about in spec.items():
        about = about or {}
        if name not in given and "default" not in about:
            raise Invalid(f"`{name}` input: required value has not been provided")
        values[name] = given.get(name, about.get("default"))
        if about.get("type", "string") != "string" or not isinstance(values[name], str):
            raise Invalid(f"`{name}` input: provided value is not a string")
        if "options" in about and values[name] not in about["options"]:
            raise Invalid(f"`{name}` input: `{values[name]}` cannot be used because it is not in the list of allowed options")
    return values


def put_in(node: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(node, dict):
        return {put_in(key, values): put_in(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [put_in(each, values) for each in node]
    if not isinstance(node, str) or "$[[" not in node:
        return node
    made = _INPUT.sub(lambda match: values[match[1]] if match[1] in values else match[0], node)
    unknown = [name for name in _INPUT.findall(node) if name not in values]
    if unknown or "$[[" in _INPUT.sub("", node):
        raise Invalid(f"unknown interpolation key in {node!r}")
    return made


def _with_defaults(job: Job, default: Mapping[str, Any]) -> Job:
    """gitlab: `Config::Entry::Processable#overwrite_entry`: a default is taken whole, where the job says nothing."""
    wanted = job.get("inherit", {}).get("default", True)
    keys = OF_TRIGGERS if "trigger" in job else INHERITED
    taken = {key: default[key] for key in keys if key in default and (wanted is True or (isinstance(wanted, list) and key in wanted))}
    return {**taken, **job}


def _check(config: Configuration) -> None:
    graph: dict[str, list[str]] = {}
    for name, job in config.jobs.items():
        if "script" not in job and "trigger" not in job:
            raise Invalid(f"jobs:{name} config should implement the script:, run:, or trigger: keyword")
        stage = stage_of(job)
        if stage not in config.stages:
            raise Invalid(f"{name} job: chosen stage {stage} does not exist; available stages are {', '.join(config.stages)}")
        if job.get("parallel") and len(config.cells(name)) > MOST_CELLS:
            raise Invalid(f"jobs:{name}:parallel config is too large")
        graph[name] = list(_needed(config, name, job))
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        raise Invalid(f"The pipeline has circular dependencies: {error.args[1]}") from None


def _needed(config: Configuration, name: str, job: Job) -> Iterator[str]:
    """gitlab: `YamlProcessor#validate_job_needs!`, `#validate_job_dependency!`."""
    for need in gitlab_jobs.all_needs(job):
        if need.elsewhere:
            continue
        if need.job not in config.jobs:
            raise Invalid(f"{name} job: undefined need: {need.job}")
        if config.stages.index(stage_of(config.jobs[need.job])) > config.stages.index(stage_of(job)):
            raise Invalid(f"{name} job: need {need.job} is not defined in current or prior stages")
        yield need.job
    for other in job.get("dependencies", []):
        if other.partition(": [")[0] not in config.jobs:
            raise Invalid(f"{name} job: undefined dependency: {other}")


def stage_of(job: Job) -> str:
    return str(job.get("stage", "test"))


def needs(config: Configuration, entries: list[Any]) -> list[Need]:
    """The entries of a `needs:` list, a need of a whole matrix as needs of its jobs. Raises Invalid."""
    found: list[Need] = []
    for entry in entries:
        about: dict[str, Any] = {"job": entry} if isinstance(entry, str) else entry
        options = (bool(about.get("artifacts", True)), bool(about.get("optional", False)))
        if "pipeline" in about:
            found.append(Need(about["job"], *options, pipeline=about["pipeline"]))
            continue
        cells = [cell.name for cell in config.cells(about["job"])]
        rows = about.get("parallel", {}).get("matrix")
        if rows is not None:
            wanted = [cell_name(about["job"], row.values()) for row in gitlab_jobs.cells(rows)]
            if set(wanted) - set(cells):
                raise Invalid(f"undefined need: {', '.join(sorted(set(wanted) - set(cells)))}")
            cells = wanted
        found += [Need(cell, *options) for cell in cells]
    if sum(not need.pipeline for need in found) > MOST_NEEDS:
        raise Invalid(f"one job can only need {MOST_NEEDS} others, but you have listed {len(found)}")
    return found
