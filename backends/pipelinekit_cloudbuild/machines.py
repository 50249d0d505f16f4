"""A build has one machine for all its jobs: the smallest that suits each of them, or a private pool."""

from collections.abc import Iterable
from typing import Any

from pipelinekit.model.plan import Runner, Stage
from pipelinekit_cloudbuild.settings import Settings

MACHINES = {"E2_MEDIUM": (1, 4096), "E2_STANDARD_2": (2, 8192), "E2_HIGHCPU_8": (8, 8192), "E2_HIGHCPU_32": (32, 32768)}
"""Cores and MiB of the machines outside of private pools, by size."""


def options(stages: Iterable[Stage], settings: Settings) -> dict[str, Any]:
    """`machineType` or `pool` of a build's options."""
    runners = [stage.runner for stage in stages if stage.runner]
    pool = next((pool for runner in runners if (pool := pool_of(runner, settings))), None)
    if pool:
        return {"pool": {"name": pool}}
    asked = [machine for runner in runners if (machine := machine_of(runner))]
    chosen = [settings.machine_type, *asked] if settings.machine_type else asked
    return {"machineType": max(chosen, key=list(MACHINES).index)} if chosen else {}


def pool_of(runner: Runner, settings: Settings) -> str | None:
    """The pool of a runner's labels, where all of them lie in one."""
    found = {settings.pools.get(label) for label in runner.labels}
    pool = found.pop() if len(found) == 1 else None
    return pool if isinstance(pool, str) else None


def machine_of(runner: Runner) -> str | None:
    """The smallest machine with a runner's cores and memory; None when it asks for neither, or for more than there is."""
    if runner.cpus is None and runner.memory is None:
        return None
    memory = int(runner.memory[:-2]) * (1024 if runner.memory.endswith("Gi") else 1) if runner.memory else 0
    fits = (name for name, (cores, mib) in MACHINES.items() if cores >= (runner.cpus or 0) and mib >= memory)
    return next(fits, None)


def pools(stages: Iterable[Stage], settings: Settings) -> set[str | None]:
    """The different places in which the jobs of one build would have to run."""
    return {pool_of(stage.runner, settings) for stage in stages if stage.runner and stage.runner.labels}
