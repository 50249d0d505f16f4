"""What GitLab refuses, or silently does wrong, in one pipeline although its schema holds.

From GitLab's reference pages on YAML, jobs, environments and limits; each rule names its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from .gitlab_jobs import (
    DEPRECATED,
    Job,
    Pipeline,
    all_needs,
    is_job,
    matrix,
    stages,
    templates,
)

FORBIDDEN_NAMES = ("image", "services", "stages", "before_script", "after_script", "variables", "cache", "include")
TRIGGER_KEYS = (
    "allow_failure environment extends inherit inputs interruptible needs parallel resource_group rules stage trigger variables when"
)
_GROUPED = re.compile(r"\d+[\s:/\\]+\d+\s*$|: \[.*\]$")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNIT = r"(seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|wks?|w|months?|mos?|years?|yrs?|y)"
_PERIOD = re.compile(rf"\d+(\.\d+)?\s*{_UNIT}((,|\s|and)*\d+(\.\d+)?\s*{_UNIT})*|\d+")
_ENVIRONMENT = re.compile(r"(?!/)[\w $/{}.-]+(?<!/)", re.ASCII)
_GROUP = re.compile(r"(?!/)[\w $/{}.-]+(?<!/)", re.ASCII)


def global_keys(pipeline: Pipeline) -> Iterator[str]:
    """What belongs in `default:`; a top-level key of another kind is a job and so a mapping."""
    yield from (f"{key} is deprecated at the top level: put it in default" for key in DEPRECATED if key in pipeline.config)


def job_names(pipeline: Pipeline) -> Iterator[str]:
    """255 characters, 128 where the job is needed; no reserved name; no name that the page groups by accident."""
    needed = {need.job for job in pipeline.jobs.values() for need in all_needs(job)}
    for name, job in pipeline.jobs.items():
        longest = 128 if name in needed else 255
        names = [f"{name}: [{', '.join(cell.values())}]" for cell in matrix(job)] or [name]
        if max(map(len, names)) > longest:
            yield f"job {name[:40]}…: its name has more than {longest} characters"
        if name in FORBIDDEN_NAMES or (name == "pages:deploy" and job.get("stage") == "deploy"):
            yield f"job {name}: the name is reserved"
        if _GROUPED.search(name):
            yield f"job {name}: the page groups names of this form"


def work(pipeline: Pipeline) -> Iterator[str]:
    """A job runs a script or triggers a pipeline; the schema passes a job with neither."""
    for name, job in pipeline.jobs.items():
        if not any(key in job for key in ("script", "trigger", "run")):
            yield f"job {name}: has no script and no trigger"
        if "trigger" in job:
            extra = [key for key in job if key not in TRIGGER_KEYS.split()]
            yield from (f"job {name}: a trigger job takes no {key}" for key in extra)


def bases(pipeline: Pipeline) -> Iterator[str]:
    """`extends` names something that is there."""
    for name, value in pipeline.config.items():
        if isinstance(value, dict) and (is_job(name) or name.startswith(".")):
            missing = [base for base in templates(value) if base not in pipeline.config]
            yield from (f"job {name}: extends {base}, which is not there" for base in missing)


def stage_names(pipeline: Pipeline) -> Iterator[str]:
    """A job's stage is listed; names have up to 255 characters."""
    known = stages(pipeline.config)
    for stage in pipeline.config.get("stages", []):
        if len(stage) > 255:
            yield f"stage {stage[:40]}…: its name has more than 255 characters"
    for name, job in pipeline.jobs.items():
        if job.get("stage", "test") not in known:
            yield f"job {name}: chosen stage {job.get('stage', 'test')} does not exist"


def needs_are_defined(pipeline: Pipeline) -> Iterator[str]:
    """A need names a job of the pipeline, and with cells, cells that the job has, keys in its order."""
    for name, job in pipeline.jobs.items():
        for need in all_needs(job):
            if need.elsewhere:
                continue
            if need.job not in pipeline.jobs:
                yield f"job {name}: undefined need: {need.job}"
            elif any([*cell.items()] not in [[*c.items()] for c in matrix(pipeline.jobs[need.job])] for cell in need.cells):
                yield f"job {name}: needs a cell that {need.job} does not have"


def needs_are_few(pipeline: Pipeline) -> Iterator[str]:
    """50 needs of a job, 5 in other projects."""
    for name, job in pipeline.jobs.items():
        for holder in [job, *(rule for rule in job.get("rules", []) if isinstance(rule, dict))]:
            entries = holder.get("needs", [])
            if len(entries) > 50:
                yield f"job {name}: has {len(entries)} needs; at most 50"
            if sum(isinstance(entry, dict) and "project" in entry for entry in entries) > 5:
                yield f"job {name}: has more than 5 needs in other projects"


def needs_in_order(pipeline: Pipeline) -> Iterator[str]:
    """No need is in a later stage, and none leads back to its job."""
    order = {stage: index for index, stage in enumerate(stages(pipeline.config))}
    place = {name: order.get(job.get("stage", "test"), 0) for name, job in pipeline.jobs.items()}
    graph: dict[str, list[str]] = {}
    for name, job in pipeline.jobs.items():
        graph[name] = [need.job for need in all_needs(job) if need.job in place and not need.elsewhere]
        for other in graph[name]:
            if place[other] > place[name]:
                yield f"job {name}: need {other} is in a later stage"
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"needs form a cycle: {' -> '.join(error.args[1])}"


def dependencies(pipeline: Pipeline) -> Iterator[str]:
    """`dependencies` names jobs, and is not combined with `needs`."""
    for name, job in pipeline.jobs.items():
        for other in job.get("dependencies", []):
            if other.partition(": [")[0] not in pipeline.jobs:
                yield f"job {name}: undefined dependency: {other}"
        if job.get("dependencies") and "needs" in job:
            yield f"job {name}: has both needs and dependencies"


def rules_only(pipeline: Pipeline) -> Iterator[str]:
    """only/except beside rules in other jobs make jobs vanish from merge request pipelines."""
    for name, job in pipeline.jobs.items():
        yield from (f"job {name}: {key} instead of rules" for key in ("only", "except") if key in job)


def manual_jobs_say_it(pipeline: Pipeline) -> Iterator[str]:
    """The default of allow_failure differs between job and rule, so it is written beside `when: manual`."""
    for name, job in pipeline.jobs.items():
        for holder in [job, *(rule for rule in job.get("rules", []) if isinstance(rule, dict))]:
            if holder.get("when") == "manual" and "allow_failure" not in {**job, **holder}:
                yield f"job {name}: is manual and does not say allow_failure"


def matrices(pipeline: Pipeline) -> Iterator[str]:
    """Up to 200 cells, named by their values, which are texts and all different."""
    for name, job in pipeline.jobs.items():
        found = matrix(job)
        if len(found) > 200:
            yield f"job {name}: has {len(found)} cells; at most 200"
        for values, times in Counter(tuple(cell.values()) for cell in found).items():
            if times > 1:
                yield f"job {name}: {times} cells are named [{', '.join(values)}]"
        if any(not isinstance(value, str) for value in _matrix_values(job)):
            yield f"job {name}: a matrix value is not text"


def _matrix_values(job: Job) -> Iterator[Any]:
    parallel = job.get("parallel")
    for row in parallel.get("matrix", []) if isinstance(parallel, dict) else []:
        for value in row.values():
            yield from value if isinstance(value, list) else [value]


def _with_default(pipeline: Pipeline) -> Iterator[tuple[str, Job]]:
    yield "default", pipeline.config.get("default", {})
    yield from ((f"job {name}", job) for name, job in pipeline.jobs.items())


def caches(pipeline: Pipeline) -> Iterator[str]:
    """Four caches a job; two files in a key."""
    for where, job in _with_default(pipeline):
        found = job.get("cache", [])
        entries = found if isinstance(found, list) else [found]
        if len(entries) > 4:
            yield f"{where}: has {len(entries)} caches; at most 4"
        for entry in entries:
            key = entry.get("key", "default")
            if isinstance(key, dict) and len(key.get("files", [])) > 2:
                yield f"{where}: a cache key has {len(key['files'])} files; at most 2"


def paths(pipeline: Pipeline) -> Iterator[str]:
    """Artifacts and caches lie inside the project; reports of tests are files."""
    for where, job in _with_default(pipeline):
        found = job.get("cache", [])
        caches = found if isinstance(found, list) else [found]
        listed = [path for holder in [job.get("artifacts", {}), *caches] for path in holder.get("paths", [])]
        for path in listed:
            if path.startswith(("/", "~", "../")) and not path.startswith("$CI_PROJECT_DIR"):
                yield f"{where}: {path} is outside the project"
        junit = job.get("artifacts", {}).get("reports", {}).get("junit", [])
        for path in junit if isinstance(junit, list) else [junit]:
            if path.endswith("/"):
                yield f"{where}: the report {path} is a directory"


def periods(pipeline: Pipeline) -> Iterator[str]:
    """Times that GitLab can read; the schema passes any text. `start_in` is a week at most."""
    for where, job in _with_default(pipeline):
        environment = job.get("environment", {})
        texts = {
            "timeout": job.get("timeout"),
            "start_in": job.get("start_in"),
            "expire_in": job.get("artifacts", {}).get("expire_in"),
            "auto_stop_in": environment.get("auto_stop_in") if isinstance(environment, dict) else None,
        }
        for key, text in texts.items():
            never = key == "expire_in" and text == "never"
            if text is not None and not never and not _PERIOD.fullmatch(str(text)):
                yield f"{where}: {key} {text!r} is not a time"


def variable_names(pipeline: Pipeline) -> Iterator[str]:
    """Names that a shell knows."""
    holders: list[tuple[str, Any]] = [("the pipeline", pipeline.config), *_with_default(pipeline)]
    for where, holder in holders:
        for name in holder.get("variables", {}):
            if not _VARIABLE.fullmatch(name):
                yield f"{where}: variable name {name!r} is not allowed"


def patterns(pipeline: Pipeline) -> Iterator[str]:
    """`changes` and `exists`: 50 patterns, from the root of the repository."""
    for name, job in pipeline.jobs.items():
        for rule in (rule for rule in job.get("rules", []) if isinstance(rule, dict)):
            for key in ("changes", "exists"):
                listed = rule.get(key, [])
                listed = listed.get("paths", []) if isinstance(listed, dict) else listed
                if len(listed) > 50:
                    yield f"job {name}: {key} has {len(listed)} patterns; at most 50"
                for pattern in listed:
                    if pattern.startswith(("./", "/")) or "//" in pattern:
                        yield f"job {name}: {key} pattern {pattern} never matches"


def tags(pipeline: Pipeline) -> Iterator[str]:
    """Fewer than 50 tags."""
    for where, job in _with_default(pipeline):
        if len(job.get("tags", [])) >= 50:
            yield f"{where}: has {len(job['tags'])} tags; fewer than 50"


def environments(pipeline: Pipeline) -> Iterator[str]:
    """Names of allowed characters; the job that stops an environment has the same rules, not a later stage."""
    for name, job in pipeline.jobs.items():
        environment = job.get("environment", {})
        environment = {"name": environment} if isinstance(environment, str) else environment
        if not _ENVIRONMENT.fullmatch(environment.get("name", "a")):
            yield f"job {name}: environment name {environment['name']!r} is not allowed"
        if not _GROUP.fullmatch(job.get("resource_group", "a")):
            yield f"job {name}: resource_group {job['resource_group']!r} is not allowed"
        if "on_stop" in environment:
            yield from _stopper(name, job, environment["on_stop"], pipeline)


def _stopper(name: str, job: Job, other: str, pipeline: Pipeline) -> Iterator[str]:
    if other not in pipeline.jobs:
        yield f"job {name}: on_stop names {other}, which is not there"
        return
    stopper = pipeline.jobs[other]
    environment = stopper.get("environment", {})
    if environment.get("action") != "stop" or environment.get("name") != job["environment"].get("name"):
        yield f"job {other}: does not stop the environment of {name}"
    ifs = [[rule.get("if") for rule in entry.get("rules", [])] for entry in (job, stopper)]
    if ifs[0] != ifs[1]:
        yield f"job {other}: stops the environment of {name} under other rules"
    order = stages(pipeline.config)
    places = [order.index(entry.get("stage", "test")) for entry in (job, stopper) if entry.get("stage", "test") in order]
    if places != sorted(places, reverse=True):
        yield f"job {other}: is in a later stage than {name}"


def services(pipeline: Pipeline) -> Iterator[str]:
    """A service has an alias of its own, a name that DNS takes."""
    for where, job in _with_default(pipeline):
        aliases: list[str] = []
        for service in job.get("services", []):
            alias = service.get("alias", "") if isinstance(service, dict) else ""
            if not alias:
                yield f"{where}: a service has no alias"
            aliases += re.split(r"[ ,]+", alias) if alias else []
        for alias, times in Counter(aliases).items():
            if times > 1:
                yield f"{where}: {times} services are called {alias}"
            if "_" in alias:
                yield f"{where}: service alias {alias} has an underscore: no host name on Kubernetes"


RULES = (
    global_keys,
    job_names,
    work,
    bases,
    stage_names,
    needs_are_defined,
    needs_are_few,
    needs_in_order,
    dependencies,
    rules_only,
    manual_jobs_say_it,
    matrices,
    caches,
    paths,
    periods,
    variable_names,
    patterns,
    tags,
    environments,
    services,
)
