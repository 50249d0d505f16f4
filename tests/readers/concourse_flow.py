"""Follows the artifacts through each job's plan, which nothing else does before a build errors.

Every task sees the artifacts that earlier steps of its own plan have made: a get's or put's name, a task's outputs.
Parallel siblings do not see each other's, and nothing leaves a step with `across`.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .concourse_grammar import HOOKS, VARIABLE, core_of

Step = Mapping[str, Any]


@dataclass(frozen=True)
class Scope:
    """What a step can name; `open` after a task whose file is not at hand, so that anything may be there."""

    artifacts: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    open: bool = False

    def with_artifacts(self, *names: str) -> Scope:
        return replace(self, artifacts=self.artifacts | set(names))

    def with_variables(self, *names: str) -> Scope:
        return replace(self, variables=self.variables | set(names))

    def joined(self, other: Scope) -> Scope:
        both = self.with_artifacts(*other.artifacts).with_variables(*other.variables)
        return replace(both, open=self.open or other.open)


Flow = Generator[str, None, Scope]


def artifacts(pipeline: Mapping[str, Any], tasks: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What each job's steps name and nothing before them makes; `tasks` are the task files at hand, by path."""
    for job in pipeline["jobs"]:
        plan = {"do": job["plan"], **{hook: job[hook] for hook in HOOKS if hook in job}}
        yield from _Follower(tasks).step(f"job {job['name']}", plan, Scope())


@dataclass(frozen=True)
class _Follower:
    tasks: Mapping[str, Mapping[str, Any]]

    def step(self, where: str, step: Step, scope: Scope) -> Flow:
        """The step with its modifiers; what is visible after it."""
        names = [entry["var"] for entry in step.get("across", [])]
        inside = scope.with_variables(*names)
        yield from _unknown_variables(where, step, inside)
        after = yield from self._core(where, step, inside)
        for hook in (hook for hook in HOOKS if hook in step):
            left = yield from self.step(f"{where}: {hook}", step[hook], after)
            after = after.joined(left) if hook in ("on_success", "ensure") else after
        return scope if names else after

    def _core(self, where: str, step: Step, scope: Scope) -> Flow:
        core = core_of(step)
        if core == "get":
            return scope.with_artifacts(step["get"]).with_variables(step["get"])
        if core == "put":
            return (yield from _put(f"{where}: put {step['put']}", step, scope))
        if core == "task":
            return (yield from self._task(f"{where}: task {step['task']}", step, scope))
        if core in ("load_var", "set_pipeline"):
            yield from _first_part(f"{where}: {core} {step[core]}", step["file"], scope)
            return scope.with_variables(step["load_var"]) if core == "load_var" else scope
        return (yield from self._block(where, step, scope))

    def _block(self, where: str, step: Step, scope: Scope) -> Flow:
        if "do" in step:
            for inner in step["do"]:
                scope = yield from self.step(where, inner, scope)
            return scope
        if "try" in step:
            return (yield from self.step(where, step["try"], scope))
        inside = step["in_parallel"]
        after = scope
        for inner in inside["steps"] if isinstance(inside, dict) else inside:
            left = yield from self.step(where, inner, scope)
            after = after.joined(left)
        return after

    def _task(self, where: str, step: Step, scope: Scope) -> Flow:
        if "image" in step:
            yield from _known(where, "image", step["image"], scope)
        if "file" in step:
            yield from _first_part(where, step["file"], scope)
        config = step.get("config") or self.tasks.get(step["file"].partition("/")[2])
        if config is None:
            return replace(scope, open=True)
        for entry in config.get("inputs", []):
            name = step.get("input_mapping", {}).get(entry["name"], entry["name"])
            if not entry.get("optional"):
                yield from _known(where, "input", name, scope)
        yield from _mappings(where, step, config)
        mapping = step.get("output_mapping", {})
        return scope.with_artifacts(*(mapping.get(out["name"], out["name"]) for out in config.get("outputs", [])))


def _known(where: str, what: str, name: str, scope: Scope) -> Iterator[str]:
    if name not in scope.artifacts and not scope.open and not VARIABLE.search(name):
        yield f"{where}: {what} {name!r} is made by no step before it"


def _first_part(where: str, path: str, scope: Scope) -> Iterator[str]:
    yield from _known(where, f"file {path!r}: artifact", path.partition("/")[0], scope)


def _mappings(where: str, step: Step, config: Step) -> Iterator[str]:
    """A mapping renames an input or output that the task has."""
    for key, entries in (("input_mapping", "inputs"), ("output_mapping", "outputs")):
        names = [entry["name"] for entry in config.get(entries, [])]
        yield from (f"{where}: {key} names {name!r}, which is not in {entries}" for name in step.get(key, {}) if name not in names)


def _put(where: str, step: Step, scope: Scope) -> Flow:
    inputs = step.get("inputs", [])
    for name in inputs if isinstance(inputs, list) else []:
        yield from _known(where, "input", name, scope)
    return scope if step.get("no_get") else scope.with_artifacts(step["put"]).with_variables(step["put"])


def _unknown_variables(where: str, step: Step, scope: Scope) -> Iterator[str]:
    """`((.:name))` is loaded before, an across variable, or a resource's metadata."""
    own = {key: value for key, value in step.items() if key not in ("do", "try", "in_parallel", *HOOKS)}
    for match in VARIABLE.finditer(repr(own)):
        name = match[0][4:-2].split(".")[0]
        if match[1] == ".:" and name not in scope.variables:
            yield f"{where}: {match[0]} is loaded by no step before it"
