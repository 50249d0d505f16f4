"""The rules of Drone's server and docker runner that no schema states.

Server rules see all pipelines of the raw text, runner rules one pipeline of the substituted text.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from . import envsubst

Pipeline = Mapping[str, Any]

EVENTS = ("push", "pull_request", "tag", "promote", "rollback", "cron", "custom")
CONDITIONS = ("branch", "event", "ref", "repo", "target", "cron", "action", "instance", "status", "paths")
ARCHITECTURES = {"linux": ("amd64", "arm64", "arm", "ppc64le", "s390x"), "windows": ("amd64", "arm")}
RESERVED_VOLUMES = ("workspace", "_workspace", "_docker_socket")
TRUSTED_KEYS = ("privileged", "devices", "dns", "dns_search", "extra_hosts", "network_mode", "shm_size")
LONGEST_SCRIPT = 131_072
"""Bytes of one environment variable or argument; above it exec fails (`argument list too long`)."""


def unique_names(pipelines: list[dict[str, Any]]) -> Iterator[str]:
    """Pipeline names are unique."""
    for name, times in Counter(pipeline["name"] for pipeline in pipelines).items():
        if times > 1:
            yield f"duplicate pipeline names: {name}"


def dependencies_come_first(pipelines: list[dict[str, Any]]) -> Iterator[str]:
    """depends_on names pipelines that the file has already declared."""
    seen: set[str] = set()
    for pipeline in pipelines:
        for name in pipeline.get("depends_on", []):
            if name == pipeline["name"]:
                yield f"pipeline {name}: cannot have a dependency on itself"
            elif name not in seen:
                yield f"pipeline {pipeline['name']}: invalid or unknown pipeline dependency: {name}"
        seen.add(pipeline["name"])


def platforms(pipelines: list[dict[str, Any]]) -> Iterator[str]:
    """The server's list of operating systems and architectures for docker pipelines."""
    for pipeline in pipelines:
        platform = pipeline.get("platform", {})
        system, machine = platform.get("os", "linux"), platform.get("arch", "amd64")
        if machine not in ARCHITECTURES.get(system, ()):
            yield f"pipeline {pipeline['name']}: platform {system}/{machine} is not known"


def triggers(pipelines: list[dict[str, Any]]) -> Iterator[str]:
    """The conditions of each pipeline's trigger."""
    for pipeline in pipelines:
        where = f"pipeline {pipeline['name']}: trigger"
        trigger = pipeline.get("trigger", {})
        yield from _conditions(where, trigger)
        if "event" not in trigger:
            yield f"{where} has no event: the pipeline also runs on promote, cron, tag and custom"
        if "instance" in trigger:
            yield f"{where}.instance is never evaluated"


def _conditions(where: str, conditions: Mapping[str, Any]) -> Iterator[str]:
    for key, value in conditions.items():
        if key not in CONDITIONS:
            yield f"{where}.{key} is not a condition: it is ignored"
        if key == "paths":
            yield f"{where}.paths is parsed and never evaluated"
        yield from _condition(f"{where}.{key}", value)
    known = {"event": EVENTS, "status": ("success", "failure")}
    for key, words in known.items():
        yield from (f"{where}.{key}: {word} is not known" for word in words_of(conditions.get(key)) if word not in words)


def _condition(where: str, value: Any) -> Iterator[str]:
    """A map's include and exclude must be lists: a string decodes to no condition at all."""
    for key, words in value.items() if isinstance(value, dict) else ():
        if key not in ("include", "exclude"):
            yield f"{where}.{key} is not include or exclude"
        elif not isinstance(words, list):
            yield f"{where}.{key} is not a list: the condition matches everything"


def words_of(condition: Any) -> list[str]:
    """The words that a condition includes, in any of its three forms."""
    if isinstance(condition, dict):
        condition = condition.get("include", [])
    return condition if isinstance(condition, list) else [condition] if condition else []


def failure_comes_last(pipelines: list[dict[str, Any]]) -> Iterator[str]:
    """A pipeline for failures starts at once unless it depends on all the others."""
    before: dict[str, set[str]] = {}
    for pipeline in pipelines:
        needs = set(pipeline.get("depends_on", []))
        before[pipeline["name"]] = needs.union(*(before.get(name, set()) for name in needs))
    for pipeline in pipelines:
        own = pipeline["name"]
        others = (other for other in pipelines if _share_builds(pipeline, other) and own not in before[other["name"]])
        missing = {other["name"] for other in others} - before[own] - {own}
        if "failure" in words_of(pipeline.get("trigger", {}).get("status")) and missing:
            yield f"pipeline {own}: runs on failure and does not wait for {', '.join(sorted(missing))}"


def _share_builds(one: Pipeline, other: Pipeline) -> bool:
    """Whether a build can have both: no event, or no target, that starts both means that they never meet."""
    return all(
        not left or not right or set(left) & set(right)
        for key in ("event", "target")
        for left, right in [(words_of(one.get("trigger", {}).get(key)), words_of(other.get("trigger", {}).get(key)))]
    )


SERVER_RULES = (unique_names, dependencies_come_first, platforms, triggers, failure_comes_last)


def known_substitutions(text: str, documents: list[dict[str, Any]]) -> Iterator[str]:
    """envsubst knows DRONE_* and CI_* only: `environment:` and secrets come later, so other names are empty."""
    for name in envsubst.names(text):
        if not name.startswith(("DRONE_", "CI_")) and name not in ("DRONE", "CI"):
            yield f"${{{name}}} is empty for the runner; write $${{{name}}} for the shell"


def no_values_in_commands(text: str, documents: list[dict[str, Any]]) -> Iterator[str]:
    """A value that is put in before YAML is read can break the file or inject a command."""
    for document in documents:
        for step in document.get("steps", []):
            for name in envsubst.names("\n".join(step.get("commands", []))):
                yield f"pipeline {document['name']}: step {step['name']}: ${{{name}}} in commands; write ${name}"


TEXT_RULES = (known_substitutions, no_values_in_commands)


def containers(pipeline: Pipeline) -> Iterator[tuple[str, dict[str, Any]]]:
    """Services and steps, each with its name in messages."""
    for key, kind in (("services", "service"), ("steps", "step")):
        for item in pipeline.get(key, []):
            yield f"{kind} {item['name']}", item


def _cloned(pipeline: Pipeline) -> bool:
    return not pipeline.get("clone", {}).get("disable", False)


def names(pipeline: Pipeline) -> Iterator[str]:
    """Names are unique over services, steps and the implicit clone, and up to 100 characters long."""
    count = Counter(item["name"] for _, item in containers(pipeline))
    count.update(["clone"] if _cloned(pipeline) else [])
    yield from (f"duplicate step name: {name}" for name, times in count.items() if times > 1)
    yield from (f"step name has more than 100 characters: {name[:20]}…" for name in count if len(name) > 100)


def step_dependencies(pipeline: Pipeline) -> Iterator[str]:
    """A step depends on services, on the clone, or on steps above it."""
    seen = {service["name"] for service in pipeline.get("services", [])}
    seen |= {"clone"} if _cloned(pipeline) else set()
    for step in pipeline["steps"]:
        for name in step.get("depends_on", []):
            if name == step["name"]:
                yield f"cyclical step dependency detected: {name}"
            elif name not in seen:
                yield f"unknown step dependency detected: {step['name']} references {name}"
        seen.add(step["name"])


def graph_or_list(pipeline: Pipeline) -> Iterator[str]:
    """With one depends_on the steps are a graph, and a step without one starts right after the clone (one of its own is the root)."""
    if any(step.get("depends_on") for step in pipeline["steps"]):
        for step in pipeline["steps"]:
            if step["name"] == "clone":
                continue
            if not step.get("depends_on") and (_cloned(pipeline) or "depends_on" not in step):
                yield f"step {step['name']}: has no depends_on while others have: it starts right after the clone"


def after_the_clone(pipeline: Pipeline) -> Iterator[str]:
    """A clone of one's own is a step like any other: nothing waits for it that doesn't say so, services least of all."""
    if not any(step["name"] == "clone" for step in pipeline["steps"]):
        return
    after = {"clone"}
    for step in pipeline["steps"]:
        if after & set(step.get("depends_on", [])):
            after.add(step["name"])
        elif step["name"] != "clone" and any(other.get("depends_on") for other in pipeline["steps"]):
            yield f"step {step['name']}: may start before the clone has ended"


def whens(pipeline: Pipeline) -> Iterator[str]:
    """The conditions of each step."""
    for where, item in containers(pipeline):
        yield from _conditions(f"{where}: when", item.get("when", {}))


def environments(pipeline: Pipeline) -> Iterator[str]:
    """Secrets belong to steps; a null value is dropped; one value has 128 KiB."""
    for key, value in pipeline.get("environment", {}).items():
        if isinstance(value, dict):
            yield f"environment.{key}: from_secret works in steps only"
    for where, item in containers(pipeline):
        for key, value in item.get("environment", {}).items():
            if isinstance(value, str) and len(f"{key}={value}".encode()) >= LONGEST_SCRIPT:
                yield f"{where}: environment.{key} is larger than 128 KiB"


def scripts(pipeline: Pipeline) -> Iterator[str]:
    """The joined commands travel in one variable, through `echo` where /bin/sh is dash."""
    for where, item in containers(pipeline):
        commands = item.get("commands", [])
        if len(script(commands).encode()) >= LONGEST_SCRIPT:
            yield f"{where}: its commands are larger than 128 KiB"
        if any(len(text.encode()) >= LONGEST_SCRIPT for text in item.get("command", [])):
            yield f"{where}: its command is larger than 128 KiB"
        if any("\\" in command for command in commands):
            yield f"{where}: a backslash in commands: dash's echo takes it"


def script(commands: list[str]) -> str:
    """The value of DRONE_SCRIPT: each command after an echo of itself."""
    traced = (f"\necho + {json.dumps(command)}\n{command}\n" for command in commands)
    return "DRONE_SCRIPT=set -e\n" + "".join(traced)


def something_to_do(pipeline: Pipeline) -> Iterator[str]:
    """A pipeline has steps, and commands exclude a command."""
    if not pipeline["steps"]:
        yield "has no steps"
    for where, item in containers(pipeline):
        if item.get("commands") and (item.get("command") or item.get("entrypoint")):
            yield f"{where}: commands override its entrypoint and command"


def mounts(pipeline: Pipeline) -> Iterator[str]:
    """A mount names a volume of the pipeline (else it is ignored) and stays out of the runner's folder."""
    declared = [volume["name"] for volume in pipeline.get("volumes", [])]
    yield from (f"volume name {name} is reserved" for name in declared if name in RESERVED_VOLUMES)
    for where, item in containers(pipeline):
        for mount in item.get("volumes", []):
            if mount["name"] not in declared:
                yield f"{where}: mounts {mount['name']}, which is no volume of the pipeline"
            if mount["path"].startswith("/run/drone"):
                yield f"{where}: mounts at {mount['path']}, which belongs to the runner"


def concurrency(pipeline: Pipeline) -> Iterator[str]:
    """A limit is a whole number from 1 on."""
    limit = pipeline.get("concurrency", {}).get("limit", 1)
    if not isinstance(limit, int) or limit < 1:
        yield f"concurrency.limit {limit} is not a whole number from 1 on"


RUNNER_RULES = (
    names,
    step_dependencies,
    graph_or_list,
    after_the_clone,
    whens,
    environments,
    scripts,
    something_to_do,
    mounts,
    concurrency,
)


def needs_trust(pipeline: Pipeline) -> Iterator[str]:
    """What the runner's linter refuses in a repository that is not trusted."""
    for where, item in containers(pipeline):
        yield from (f"{where}: {key} needs a trusted repository" for key in TRUSTED_KEYS if item.get(key))
    for volume in pipeline.get("volumes", []):
        if "host" in volume or volume.get("temp", {}).get("medium") == "memory":
            yield f"volume {volume['name']}: needs a trusted repository"
