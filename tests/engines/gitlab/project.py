"""The project on the server: its settings, as the backend's set-up steps make them.

The commands of the steps are read as `glab` would: a command that it doesn't know is an error. So the steps themselves are
tested by every scenario: a secret that no step stores is in no job, and a schedule that no step creates never runs.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from pipelinekit.backend import SetupStep
from pipelinekit.semantics.globs import matches

from .variables import Variable


class UnknownCommand(Exception):
    """A step of the set-up that GitLab's command line would not understand."""


@dataclass(frozen=True)
class Stored:
    """A CI/CD variable of the project: for jobs of the environment `scope`, on protected refs alone if it is `protected`."""

    key: str
    scope: str
    file: bool
    raw: bool
    protected: bool


@dataclass
class Project:
    """Settings, with GitLab's defaults."""

    stored: list[Stored] = field(default_factory=list)
    branches: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    schedules: dict[str, str] = field(default_factory=dict)
    modes: dict[str, str] = field(default_factory=dict)
    prevents_outdated: bool = True

    def protected(self, branch: str, tag: str) -> bool:
        """gitlab: `ProtectedRef`: names with `*` in them."""
        wanted, name = (self.tags, tag) if tag else (self.branches, branch)
        return any(matches(pattern.replace("*", "**"), name) for pattern in wanted)

    def mode(self, group: str) -> str:
        """How a resource group picks the next job (gitlab: `Ci::ResourceGroup`)."""
        return self.modes.get(group, "unordered")

    def variables(self, values: Mapping[str, str], environment: str | None, *, protected: bool) -> list[Variable]:
        """What a job gets of them (gitlab: `Gitlab::Ci::Variables::Builder::Project#secret_variables`)."""
        return [
            Variable(each.key, values[each.key], each.file, each.raw)
            for each in self.stored
            if each.key in values
            and (protected or not each.protected)
            and (each.scope == "*" or (environment is not None and matches(each.scope.replace("*", "**"), environment)))
        ]


def of(steps: Iterable[SetupStep]) -> Project:
    """The project after the set-up steps that the backend asks for."""
    found = Project()
    for step in steps:
        for command in step.commands:
            _obey(found, command)
    return found


def _obey(project: Project, command: str) -> None:
    words = list(_words(command))
    match words:
        case ["api", "--method", "POST", "projects/:id/protected_branches", "--field", named]:
            project.branches.append(_after("name=", named))
        case ["api", "--method", "POST", "projects/:id/protected_tags", "--field", named]:
            project.tags.append(_after("name=", named))
        case ["api", "--method", "POST", "projects/:id/protected_environments", "--field", _, "--field", _]:
            pass
        case ["api", "--method", "PATCH", "projects/:id/job_token_scope", "--field", "enabled=true"]:
            pass  # no job here speaks to another project
        case ["api", "--method", "PUT", "projects/:id", "--field", "ci_push_repository_for_job_token_allowed=false"]:
            pass  # and none pushes
        case ["api", "--method", "PUT", "projects/:id", "--field", setting] if setting.startswith("ci_forward_deployment_enabled="):
            project.prevents_outdated = {"true": True, "false": False}[_after("ci_forward_deployment_enabled=", setting)]
        case ["api", "--method", "PUT", "projects/:id", "--field", "merge_pipelines_enabled=false"]:
            pass
        case ["api", "--method", "PUT", path, "--field", mode] if path.startswith("projects/:id/resource_groups/"):
            project.modes[path.removeprefix("projects/:id/resource_groups/")] = _after("process_mode=", mode)
        case ["schedule", "create", "--description", name, "--cron", _, "--cronTimeZone", "UTC", "--ref", ref]:
            project.schedules[name] = ref
        case ["variable", "set", key, *options]:
            project.stored.append(_variable(key, options))
        case ["runner", "list"]:
            pass
        case _:
            raise UnknownCommand(command)


def _words(command: str) -> Iterator[str]:
    """The words of `glab …`, after a pipe and before a redirection."""
    words = shlex.split(command)
    if "glab" not in words:
        raise UnknownCommand(command)
    for word in words[words.index("glab") + 1 :]:
        if word == "<":
            return
        yield word


def _after(start: str, text: str) -> str:
    if not text.startswith(start):
        raise UnknownCommand(text)
    return text.removeprefix(start)


def _variable(key: str, options: list[str]) -> Stored:
    words, scope, kind = iter(options), "*", "env_var"
    flags: set[str] = set()
    for word in words:
        if word == "--scope":
            scope = next(words)
        elif word == "--type":
            kind = next(words)
        elif word in ("--raw", "--masked", "--protected"):
            flags.add(word)
        else:
            raise UnknownCommand(f"glab variable set {key} {word}")
    if kind not in ("env_var", "file") or (kind == "file" and "--masked" in flags):
        raise UnknownCommand(f"glab variable set {key} --type {kind}")
    return Stored(key, scope, kind == "file", "--raw" in flags, "--protected" in flags)
