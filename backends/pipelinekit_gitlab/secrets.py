"""Secrets are CI/CD variables of the project, scoped to an environment so that other jobs don't see them."""

from pipelinekit.model.plan import Plan, Secret, Stage


def of(stage: Stage) -> tuple[Secret, ...]:
    """The secrets of a stage, those of the registry that it publishes to included."""
    registry = stage.container.registry if stage.container else None
    signing_in = [secret for secret in (registry.username, registry.password) if secret] if registry else []
    return (*stage.secrets, *signing_in)


def scope(stage: Stage) -> str:
    """The environment that the stage's secrets are scoped to; of a stage without one it is made for them."""
    return stage.environment or f"ci/{stage.name}"


def foreign(plan: Plan, stage: Stage) -> list[str]:
    """The secrets that GitLab gives a job with its environment, but that only other stages of this environment name."""
    if stage.environment is None:
        return []
    own = {name for secret in of(stage) for name in (secret.name, secret.stored)}
    there = dict.fromkeys(secret.stored for other in plan.stages if other.environment == stage.environment for secret in of(other))
    return [name for name in there if name not in own]


def hidden(plan: Plan, stage: Stage) -> list[str]:
    """Take such secrets away: no command may see them."""
    names = foreign(plan, stage)
    return [f"unset {' '.join(names)}"] if names else []


def told(stage: Stage) -> str:
    """The secrets that no line of the script names: those that may be missing, under the name that they are stored by."""
    names = [
        f"{secret.name}{' (a file)' if secret.file else ''}" for secret in stage.secrets if secret.optional and secret.name == secret.stored
    ]
    return f"may be missing: {', '.join(names)}" if names else ""


def lines(secrets: tuple[Secret, ...]) -> list[str]:
    """Fail by name where a secret is missing, and set its variable where the store calls it otherwise: a command each.

    Not by `variables:`: there a secret that is missing would be a variable that is there, and empty.
    """
    return [line for secret in secrets for line in _lines(secret)]


def missing(secret: Secret) -> str:
    return f"${{{secret.stored}:?the secret {secret.stored} is missing}}"


def _lines(secret: Secret) -> list[str]:
    renamed = secret.name != secret.stored
    if secret.file and not secret.optional:
        check = f'[ -s "${{{secret.stored}:-}}" ] || {{ echo "the secret {secret.stored} is missing" >&2; exit 1; }}'
        return [check, f'export {secret.name}="${secret.stored}"'] if renamed else [check]
    if secret.optional:
        return [f'[ -z "${{{secret.stored}:-}}" ] || export {secret.name}="${secret.stored}"'] if renamed else []
    return [f'export {secret.name}="{missing(secret)}"' if renamed else f': "{missing(secret)}"']
