"""The shape of a Concourse pipeline: the fields of each part, their types, and one core field a step.

From `atc/config.go`, `atc/steps.go` and `atc/task.go` of Concourse 8.2. Keys that the server ignores in silence (in
`run`, `inputs`, `image_resource`, `in_parallel`) are errors here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

VARIABLE = re.compile(r"\(\(([-/.\w]+:)?[-/.:@\"\w]+\)\)")
"""What the server takes for a variable, in any string or key; there is no escape."""

_DURATION = re.compile(r"((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+")
_MEMORY = re.compile(r"[0-9]+([KMG]i?B?)?", re.IGNORECASE)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _map(value: Any) -> bool:
    return isinstance(value, dict)


def _maps(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _duration(value: Any) -> bool:
    return isinstance(value, str) and bool(_DURATION.fullmatch(value))


def _interval(value: Any) -> bool:
    return value == "never" or _duration(value)


def _memory(value: Any) -> bool:
    return _whole(value) or (isinstance(value, str) and bool(_MEMORY.fullmatch(value)))


def _version(value: Any) -> bool:
    return value in ("latest", "every") or (isinstance(value, dict) and all(isinstance(v, str) for v in value.values()))


def _put_inputs(value: Any) -> bool:
    return value in ("all", "detect") or _texts(value)


def _in_flight(value: Any) -> bool:
    return value == "all" or (_whole(value) and value > 0)


def _positive(value: Any) -> bool:
    return _whole(value) and value > 0


def _anything(value: Any) -> bool:
    return True


Kind = Callable[[Any], bool]
Fields = Mapping[str, Kind]

KIND_NAMES: dict[Kind, str] = {
    _text: "text",
    _whole: "a whole number",
    _flag: "true or false",
    _map: "a mapping",
    _maps: "a list of mappings",
    _texts: "a list of texts",
    _duration: "a duration such as 90s or 1h30m",
    _interval: "a duration such as 5m, or never",
    _memory: "a size such as 512MB",
    _version: "latest, every or a version",
    _put_inputs: "all, detect or a list of names",
    _in_flight: "all or a number above 0",
    _positive: "a number above 0",
}

PIPELINE: Fields = {
    **dict.fromkeys(("jobs", "resources", "resource_types", "prototypes", "var_sources", "groups"), _maps),
    "display": _map,
    "user_data": _anything,
}
RESOURCE: Fields = {
    **dict.fromkeys(("name", "type", "old_name", "icon", "webhook_token"), _text),
    **dict.fromkeys(("source", "version"), _map),
    **dict.fromkeys(("public", "expose_build_created_by"), _flag),
    "check_every": _interval,
    "check_timeout": _duration,
    "tags": _texts,
}
RESOURCE_TYPE: Fields = {
    **dict.fromkeys(("name", "type"), _text),
    **dict.fromkeys(("source", "defaults", "params"), _map),
    "privileged": _flag,
    "check_every": _interval,
    "tags": _texts,
}
GROUP: Fields = {"name": _text, "jobs": _texts, "resources": _texts}
VAR_SOURCE: Fields = {"name": _text, "type": _text, "config": _map}
HOOKS = ("on_success", "on_failure", "on_error", "on_abort", "ensure")
JOB: Fields = {
    **dict.fromkeys(("name", "old_name"), _text),
    **dict.fromkeys(("public", "serial", "disable_manual_trigger", "disable_reruns", "interruptible"), _flag),
    "plan": _maps,
    "serial_groups": _texts,
    "max_in_flight": _positive,
    "build_log_retention": _map,
    **dict.fromkeys(HOOKS, _map),
}
RETENTION: Fields = {"builds": _whole, "days": _whole, "minimum_succeeded_builds": _whole}
MODIFIERS: Fields = {"across": _maps, "fail_fast": _flag, "attempts": _positive, "timeout": _duration} | dict.fromkeys(HOOKS, _map)
CORE: dict[str, Fields] = {
    "get": {
        **dict.fromkeys(("get", "resource"), _text),
        "version": _version,
        "passed": _texts,
        "trigger": _flag,
        "params": _map,
        "tags": _texts,
    },
    "put": {
        **dict.fromkeys(("put", "resource"), _text),
        **dict.fromkeys(("params", "get_params"), _map),
        "inputs": _put_inputs,
        "no_get": _flag,
        "tags": _texts,
    },
    "task": {
        **dict.fromkeys(("task", "file", "image"), _text),
        **dict.fromkeys(("config", "vars", "params", "container_limits", "input_mapping", "output_mapping"), _map),
        "privileged": _flag,
        "tags": _texts,
    },
    "set_pipeline": {
        **dict.fromkeys(("set_pipeline", "file", "team"), _text),
        **dict.fromkeys(("vars", "instance_vars"), _map),
        "var_files": _texts,
    },
    "load_var": {**dict.fromkeys(("load_var", "file", "format"), _text), "reveal": _flag},
    "try": {"try": _map},
    "do": {"do": _maps},
    "in_parallel": {"in_parallel": _anything},
}
IN_PARALLEL: Fields = {"steps": _maps, "limit": _positive, "fail_fast": _flag}
ACROSS: Fields = {"var": _text, "values": _anything, "max_in_flight": _in_flight}
TASK: Fields = {
    **dict.fromkeys(("platform", "rootfs_uri"), _text),
    **dict.fromkeys(("image_resource", "params", "run", "container_limits"), _map),
    **dict.fromkeys(("inputs", "outputs", "caches"), _maps),
}
RUN: Fields = {"path": _text, "args": _texts, "dir": _text, "user": _text}
IMAGE: Fields = {"type": _text, "tags": _texts} | dict.fromkeys(("source", "params", "version"), _map)
INPUT: Fields = {"name": _text, "path": _text, "optional": _flag}
OUTPUT: Fields = {"name": _text, "path": _text}
CACHE: Fields = {"path": _text, "ttl": _duration}
LIMITS: Fields = {"cpu": _whole, "memory": _memory}


def fields(where: str, data: Mapping[str, Any], known: Fields, required: tuple[str, ...] = ()) -> Iterator[str]:
    """Unknown fields, wrong types, and what is missing; a lone `((var))` has any type."""
    yield from (f"{where}: has no {key}" for key in required if data.get(key) in (None, "", {}))
    for key, value in data.items():
        if key not in known:
            yield f'{where}: unknown field "{key}"'
        elif not known[key](value) and not (isinstance(value, str) and VARIABLE.fullmatch(value)):
            yield f"{where}: {key} is not {KIND_NAMES[known[key]]}"


def pipeline(data: Mapping[str, Any]) -> Iterator[str]:
    """Everything about shape in a whole pipeline."""
    found = [*fields("the pipeline", data, PIPELINE)]
    yield from found
    if found:
        return
    if not data.get("jobs"):
        yield "the pipeline: jobs must contain at least one job"
    parts = {"resources": RESOURCE, "resource_types": RESOURCE_TYPE, "var_sources": VAR_SOURCE}
    for key, known in parts.items():
        for part in data.get(key, []):
            yield from fields(f"{key}.{part.get('name', '?')}", part, known, ("name", "type"))
    for group in data.get("groups", []):
        yield from fields(f"groups.{group.get('name', '?')}", group, GROUP, ("name",))
    for job in data.get("jobs", []):
        yield from _job(job)


def _job(job: Mapping[str, Any]) -> Iterator[str]:
    where = f"jobs.{job.get('name', '?')}"
    found = [*fields(where, job, JOB, ("name", "plan"))]
    yield from found
    if found:
        return
    yield from fields(f"{where}.build_log_retention", job.get("build_log_retention", {}), RETENTION)
    for place, inner in _children(f"{where}.plan", _as_step(job)):
        yield from step(place, inner)


def _as_step(job: Mapping[str, Any]) -> dict[str, Any]:
    """A job's plan and hooks as one `do` step."""
    return {"do": job["plan"], **{hook: job[hook] for hook in HOOKS if hook in job}}


def core_of(data: Mapping[str, Any]) -> str | None:
    """The core field of a step, in the server's order of precedence."""
    order = ("task", "put", "get", "set_pipeline", "load_var", "try", "do", "in_parallel")
    return next((key for key in order if key in data), None)


def _children(where: str, data: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    parallel = data.get("in_parallel")
    inner = parallel.get("steps", []) if isinstance(parallel, dict) else parallel or []
    for index, child in enumerate([*data.get("do", []), *inner]):
        yield f"{where}[{index}]", child
    for key in ("try", *HOOKS):
        if key in data:
            yield f"{where}.{key}", data[key]


def walk(where: str, data: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """A step and all steps in it, hooks included."""
    yield where, data
    for place, child in _children(where, data):
        yield from walk(place, child)


def job_steps(job: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All steps of a job, hooks included."""
    for place, child in _children(f"jobs.{job['name']}.plan", _as_step(job)):
        yield from walk(place, child)


def step(where: str, data: Mapping[str, Any]) -> Iterator[str]:
    """One step and those in it."""
    core = core_of(data)
    if core is None:
        yield f"{where}: is no step: it has none of {', '.join(CORE)}"
        return
    named = core in ("try", "do", "in_parallel")
    place = where if named else f"{where} ({core} {data[core]})"
    found = [*fields(place, data, {**CORE[core], **MODIFIERS}, (core,))]
    if core == "in_parallel":
        found += _parallel(place, data["in_parallel"])
    yield from found
    if found:
        return
    yield from _modifiers(place, data)
    if core == "task":
        yield from _task(place, data)
    if core in ("set_pipeline", "load_var"):
        yield from fields(place, data, {**CORE[core], **MODIFIERS}, ("file",))
    for child_place, child in _children(where, data):
        yield from step(child_place, child)


def _modifiers(where: str, data: Mapping[str, Any]) -> Iterator[str]:
    if "across" in data and not data["across"]:
        yield f"{where}: across needs a variable"
    if "fail_fast" in data and "across" not in data:
        yield f'{where}: unknown field "fail_fast"'
    for entry in data.get("across", []):
        yield from fields(f"{where}: across", entry, ACROSS, ("var",))


def _parallel(where: str, value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from fields(f"{where}: in_parallel", value, IN_PARALLEL, ("steps",))
    elif not _maps(value):
        yield f"{where}: in_parallel is not a list of steps or a mapping"


def _task(where: str, data: Mapping[str, Any]) -> Iterator[str]:
    if ("file" in data) == ("config" in data):
        yield f"{where}: needs file or config, one of them"
    if "vars" in data and "file" not in data:
        yield f"{where}: vars work with file only"
    yield from fields(f"{where}: container_limits", data.get("container_limits", {}), LIMITS)
    for key in ("input_mapping", "output_mapping"):
        if not all(isinstance(value, str) for value in data.get(key, {}).values()):
            yield f"{where}: {key} does not map names to names"
    if "config" in data:
        yield from task_config(f"{where}: config", data["config"])
        if "image" in data and "image_resource" in data["config"]:
            yield f"{where}: image hides the image_resource of its config"


def task_config(where: str, data: Mapping[str, Any]) -> Iterator[str]:
    """The configuration of a task, in a step or in a file of its own."""
    found = [*fields(where, data, TASK, ("platform", "run"))]
    yield from found
    if found:
        return
    yield from fields(f"{where}.run", data["run"], RUN, ("path",))
    yield from fields(f"{where}.container_limits", data.get("container_limits", {}), LIMITS)
    if "image_resource" in data:
        yield from fields(f"{where}.image_resource", data["image_resource"], IMAGE, ("type",))
    for key, known, required in (("inputs", INPUT, "name"), ("outputs", OUTPUT, "name"), ("caches", CACHE, "path")):
        for index, entry in enumerate(data.get(key, [])):
            yield from fields(f"{where}.{key}[{index}]", entry, known, (required,))
