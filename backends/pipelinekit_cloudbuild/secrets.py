"""Secrets of Secret Manager: declared once a build under the store's key, seen by the steps that name them alone."""

from collections.abc import Iterable
from typing import Any

from pipelinekit.model.plan import Plan, Secret, Stage


def aliases(plan: Plan) -> dict[str, str]:
    """The variable in which each stored secret comes into its steps: the store's key, unless something else has that name."""
    named = [secret for stage in plan.stages for secret in of(stage)]
    taken = {name for name, _ in plan.variables} | {name for stage in plan.stages for name, _ in stage.variables}
    taken |= {cache.variable for stage in plan.stages for cache in stage.caches if cache.variable}
    taken |= {value.variable for event in plan.triggers for value in event.inputs}
    taken |= {secret.name for secret in named if secret.name != secret.stored or secret.file}
    found: dict[str, str] = {}
    for secret in named:
        alias = secret.stored
        while alias in taken:
            alias += "_VALUE"
        found[secret.stored] = alias
    return found


def of(stage: Stage) -> tuple[Secret, ...]:
    """The secrets of a stage, those of its registry included."""
    registry = stage.container.registry if stage.container else None
    return (*stage.secrets, *(secret for secret in (registry and registry.username, registry and registry.password) if secret))


def lines(secrets: Iterable[Secret], aliases: dict[str, str]) -> list[str]:
    """What a script does first: fail by name for an empty one, then show each under the name that the process sees."""
    found = list(secrets)
    demanded = dict.fromkeys(secret.stored for secret in found if not secret.optional)
    checks = [f': "${{{aliases[stored]}:?the secret {stored} is missing}}"' for stored in demanded]
    return [*checks, *(line for secret in found for line in _shown(secret, aliases[secret.stored])), *_hidden(found, aliases)]


def _shown(secret: Secret, alias: str) -> list[str]:
    if secret.file:
        return [f"{secret.name}=$(mktemp)", f'printf \'%s\' "${alias}" >"${secret.name}"', f"export {secret.name}"]
    return [] if secret.name == alias else [f'export {secret.name}="${alias}"']


def _hidden(secrets: list[Secret], aliases: dict[str, str]) -> list[str]:
    own = {secret.name for secret in secrets}
    others = dict.fromkeys(aliases[secret.stored] for secret in secrets if aliases[secret.stored] not in own)
    return [f"unset {' '.join(others)}"] if others else []


def available(used: Iterable[str], aliases: dict[str, str]) -> dict[str, Any]:
    """The build's `availableSecrets`, in the order of first use."""
    stored = {alias: key for key, alias in aliases.items()}
    entries = [
        {"versionName": f"projects/${{PROJECT_ID}}/secrets/{stored[alias]}/versions/latest", "env": alias} for alias in dict.fromkeys(used)
    ]
    return {"secretManager": entries}
