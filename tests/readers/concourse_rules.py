"""Concourse's rules on names and references in a pipeline of the right shape (`atc/configvalidate`, strict)."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from graphlib import CycleError, TopologicalSorter
from typing import Any

from .concourse_grammar import VARIABLE, core_of, job_steps

Pipeline = Mapping[str, Any]

BUILT_IN_TYPES = ("git", "registry-image", "time", "s3", "semver", "pool", "github-release", "mock")
VAR_SOURCES = ("vault", "ssm", "secretsmanager", "dummy", "idtoken")
NAMED = ("jobs", "resources", "resource_types", "prototypes", "groups", "var_sources")
METADATA = ("BUILD_ID", "BUILD_NAME", "BUILD_JOB_NAME", "BUILD_PIPELINE_NAME", "BUILD_TEAM_NAME", "BUILD_URL")


def all_steps(pipeline: Pipeline) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every step of every job."""
    for job in pipeline["jobs"]:
        yield from job_steps(job)


def resource_of(step: Mapping[str, Any]) -> str | None:
    """The resource that a get or put step uses."""
    core = core_of(step)
    return str(step.get("resource", step[core])) if core in ("get", "put") else None


def unique_names(pipeline: Pipeline) -> Iterator[str]:
    """Names are unique in each section."""
    for section in NAMED:
        for name, times in Counter(part["name"] for part in pipeline.get(section, [])).items():
            if times > 1:
                yield f"{section}: {times} have the same name {name!r}"


def is_identifier(name: str) -> bool:
    """A letter that is not upper case or a digit, then those and `-_.`; not digits alone."""

    def letter(character: str) -> bool:
        return unicodedata.category(character) in ("Ll", "Lt", "Lm", "Lo") or character.isdecimal()

    plain = name and letter(name[0]) and all(letter(character) or character in "-_." for character in name)
    return bool(plain) and not name.isdecimal()


def identifiers(pipeline: Pipeline) -> Iterator[str]:
    """Names are identifiers; a task or set_pipeline directly under across may have any."""
    for section in NAMED:
        for part in pipeline.get(section, []):
            if not is_identifier(part["name"]):
                yield f"{section}: {part['name']!r} is not a valid identifier"
    for where, step in all_steps(pipeline):
        core = core_of(step)
        if core in ("get", "put", "task", "set_pipeline", "load_var"):
            exempt = core in ("task", "set_pipeline") and "across" in step
            if not exempt and not is_identifier(step[core]):
                yield f"{where}: {core} {step[core]!r} is not a valid identifier"


def resources_are_used(pipeline: Pipeline) -> Iterator[str]:
    """Every resource is got or put somewhere."""
    used = {resource_of(step) for _, step in all_steps(pipeline)}
    for resource in pipeline.get("resources", []):
        if resource["name"] not in used:
            yield f"resource {resource['name']!r} is not used"


def resources_exist(pipeline: Pipeline) -> Iterator[str]:
    """Every get and put names a resource."""
    declared = {resource["name"] for resource in pipeline.get("resources", [])}
    for where, step in all_steps(pipeline):
        name = resource_of(step)
        if name is not None and name not in declared:
            yield f"{where}: unknown resource {name!r}"


def types(pipeline: Pipeline) -> Iterator[str]:
    """Every type is built in or declared (nobody else checks), every declared one is used."""
    declared = [part["name"] for part in pipeline.get("resource_types", [])]
    parts = [*pipeline.get("resources", []), *pipeline.get("resource_types", [])]
    named = [(f"{part['name']}", part["type"]) for part in parts]
    for where, step in all_steps(pipeline):
        image = step.get("config", {}).get("image_resource") if core_of(step) == "task" else None
        named += [(where, image["type"])] if image else []
    for where, kind in named:
        if kind not in declared and kind not in BUILT_IN_TYPES:
            yield f"{where}: type {kind!r} is neither built in nor declared"
    for name in declared:
        if name not in [kind for _, kind in named]:
            yield f"resource type {name!r} is not used"


def var_sources(pipeline: Pipeline) -> Iterator[str]:
    """A variable source has a known type, and a variable of a source names one."""
    declared = [part["name"] for part in pipeline.get("var_sources", [])]
    for part in pipeline.get("var_sources", []):
        if part["type"] not in VAR_SOURCES:
            yield f"var_sources.{part['name']}: unknown type {part['type']!r}"
    for text in _strings(pipeline):
        for match in VARIABLE.finditer(text):
            source = (match[1] or "").rstrip(":")
            if source not in ("", ".", *declared):
                yield f"{match[0]} names the variable source {source!r}, which is not declared"


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield from (text for pair in node.items() for part in pair for text in _strings(part))
    elif isinstance(node, list):
        yield from (text for part in node for text in _strings(part))


def groups(pipeline: Pipeline) -> Iterator[str]:
    """If there are groups, every job is in one; each glob finds a job, each resource exists."""
    found = pipeline.get("groups", [])
    jobs = [job["name"] for job in pipeline["jobs"]]
    resources = [resource["name"] for resource in pipeline.get("resources", [])]
    for group in found:
        for glob in group.get("jobs", []):
            if not any(fnmatchcase(job, glob) for job in jobs):
                yield f"group {group['name']!r}: no job matches {glob!r}"
        for name in group.get("resources", []):
            if name not in resources:
                yield f"group {group['name']!r}: unknown resource {name!r}"
    for job in jobs if found else []:
        if not any(fnmatchcase(job, glob) for group in found for glob in group.get("jobs", [])):
            yield f"job {job!r} belongs to no group"


def gets_are_unique(pipeline: Pipeline) -> Iterator[str]:
    """A job gets each name once, hooks included."""
    for job in pipeline["jobs"]:
        names = Counter(step["get"] for _, step in job_steps(job) if core_of(step) == "get")
        yield from (f"job {job['name']!r}: get {name!r} is repeated" for name, times in names.items() if times > 1)


def passed(pipeline: Pipeline) -> Iterator[str]:
    """Each entry finds a job, and every job found gets or puts the same resource."""
    touched = {job["name"]: {resource_of(step) for _, step in job_steps(job)} for job in pipeline["jobs"]}
    for where, step in all_steps(pipeline):
        for glob in step.get("passed", []):
            found = [job for job in touched if fnmatchcase(job, glob)]
            if not found:
                yield f"{where}: passed names an unknown job {glob!r}"
            for job in found:
                if resource_of(step) not in touched[job]:
                    yield f"{where}: job {job!r} does not interact with resource {resource_of(step)!r}"


def no_cycle(pipeline: Pipeline) -> Iterator[str]:
    """Jobs do not wait for themselves through passed."""
    graph: dict[str, set[str]] = {}
    for job in pipeline["jobs"]:
        globs = [glob for _, step in job_steps(job) for glob in step.get("passed", [])]
        names = [other["name"] for other in pipeline["jobs"]]
        graph[job["name"]] = {name for name in names if any(fnmatchcase(name, glob) for glob in globs)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"pipeline contains a cycle: {' -> '.join(reversed(error.args[1]))}"


def across_variables(pipeline: Pipeline) -> Iterator[str]:
    """Across variables are distinct, and have values."""
    for where, step in all_steps(pipeline):
        for name, times in Counter(entry["var"] for entry in step.get("across", [])).items():
            if times > 1:
                yield f"{where}: across repeats the variable {name!r}"
        for entry in step.get("across", []):
            if not entry.get("values"):
                yield f"{where}: across variable {entry['var']!r} has no values"


def scripts(pipeline: Pipeline) -> Iterator[str]:
    """A script holds no accidental variable, stops at the first error, and expects no build metadata."""
    for where, step in all_steps(pipeline):
        config = step.get("config", {}) if core_of(step) == "task" else {}
        run = config.get("run", {})
        words = [run.get("path", ""), *run.get("args", [])]
        for match in VARIABLE.finditer("\n".join(words)):
            if match[1] != ".:":
                yield f"{where}: Concourse takes {match[0]} in the script for a variable"
        if re.search(r"(^|/)(ba|da|z)?sh$", words[0]) and _goes_on_after_errors(words[1:]):
            yield f"{where}: the shell goes on after an error: args need -e"
        given = {**config.get("params", {}), **step.get("params", {})}
        for name in METADATA:
            if name not in given and re.search(rf"\${{?{name}\b", "\n".join(words)):
                yield f"{where}: a task has no ${name}"


def _goes_on_after_errors(args: list[str]) -> bool:
    options = [arg for arg in args if re.fullmatch(r"-[a-z]+", arg)]
    runs_text = any("c" in option for option in options)
    return runs_text and not any("e" in option for option in options) and "set -e" not in args[-1]


RULES = (
    unique_names,
    identifiers,
    resources_are_used,
    resources_exist,
    types,
    var_sources,
    groups,
    gets_are_unique,
    passed,
    no_cycle,
    across_variables,
    scripts,
)
