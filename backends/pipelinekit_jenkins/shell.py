"""Scripts for `sh`: a first line that names the shell keeps Jenkins from running them by `sh -xe`, which prints each command."""

from collections.abc import Iterable, Mapping, Sequence

from pipelinekit.model.plan import Event, Plan, Secret, Service, Stage
from pipelinekit.text import script as common
from pipelinekit.text.shell import quote
from pipelinekit_jenkins import escape, facts
from pipelinekit_jenkins.settings import Settings

COMMIT: Mapping[str, str] = {"PK_SHA": '"$(git rev-parse HEAD)"', "PK_SHORT_SHA": '"$(git rev-parse --short=8 HEAD)"'}
"""Facts that git on the agent gives to scripts there."""

CLEAN = "rm -rf ./..?* ./.[!.]* ./*"

_HEADS = {"sh": ["#!/bin/sh", "set -e"], "bash": ["#!/usr/bin/env bash", "set -eo pipefail"]}


def script(lines: Iterable[str], shell: str = "sh") -> str:
    """The lines behind the ones that every script starts with."""
    return common.joined([*_HEADS[shell], *lines])


def variables(plan: Plan, stage: Stage) -> dict[str, str]:
    """What the plan sets for a job: its own variables over the pipeline's."""
    return {**dict(plan.variables), **dict(stage.variables)}


def of_job(plan: Plan, stage: Stage, events: Sequence[Event], settings: Settings) -> str:
    """All that runs in the job's container, in one shell."""
    lines = [] if settings.user == "root" else [facts.exported("HOME", '"$(mktemp -d)"')]
    lines += [f"export {name}={quote(value)}" for name, value in variables(plan, stage).items() if not escape.is_plain(name, value)]
    lines += _inputs(events)
    lines += facts.exports(stage, tuple(events))
    if settings.cache == "jobcacher":
        lines += [f'export {cache.variable}="$PWD/{cache.paths[0]}"' for cache in stage.caches if cache.variable]
    lines += [_from_file(secret) for secret in stage.secrets if not secret.file]
    lines += common.secret_guards(stage)
    lines += [_not_empty(secret) for secret in stage.secrets if secret.file and not secret.optional]
    lines += _waits(stage.services)
    return script([*lines, *common.commands(stage)], stage.shell)


def _from_file(secret: Secret) -> str:
    """The value, from where `secretsInFiles` has left it: an empty file stands for one that there isn't."""
    path = f'"$WORKSPACE_TMP/{secret.name}.secret"'
    if secret.optional:
        return f'if [ -s {path} ]; then\n  {secret.name}="$(cat {path})"\n  export {secret.name}\nfi'
    return facts.exported(secret.name, f'"$(cat {path})"')


def _not_empty(secret: Secret) -> str:
    return f'[ -s "${secret.name}" ] || {{ echo "the secret {secret.stored} is empty" >&2; exit 1; }}'


def _inputs(events: Sequence[Event]) -> list[str]:
    """An input that was left empty is there and empty; Jenkins leaves it out."""
    typed = _typed(events)
    names = dict.fromkeys(given.variable for event in events for given in event.inputs)
    return [facts.exported(name, f'"$(cat "$WORKSPACE_TMP/{name}.input")"' if name in typed else f'"${{{name}:-}}"') for name in names]


def _typed(events: Sequence[Event]) -> tuple[str, ...]:
    """The inputs that hold whatever a person types, or choices that no container would be told as they are."""
    return tuple(dict.fromkeys(given.variable for event in events for given in event.inputs if not escape.is_told(given.choices)))


def inputs_from_agent(events: Sequence[Event]) -> list[str]:
    """Lines of shell for the agent, which leave the inputs in files: a container would read each `$` in them twice."""
    return [f'printf "%s\\n" "${{{name}:-}}" > "$WORKSPACE_TMP/{name}.input"' for name in _typed(events)]


def _waits(services: Iterable[Service]) -> list[str]:
    return [common.wait_for(service) for service in services]
