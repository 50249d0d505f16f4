"""`cache:`. Its key is the bytes of files; GitLab keeps the caches of protected and other branches apart."""

import re
from typing import Any

from pipelinekit.model.plan import Cache, Stage
from pipelinekit_gitlab.facts import spelled
from pipelinekit_gitlab.layout import Layout

POLICY = "PK_CACHE_POLICY"
"""`pull` in merge requests, so that they never write a cache that trunk reads."""


def block(layout: Layout, stage: Stage) -> Any:
    """`cache:` of a job: one mapping, or a list of them."""
    policy = _policy(layout, stage)
    found = [_cache(layout, cache, policy) for cache in stage.caches]
    return found[0] if len(found) == 1 else found or None


def variables(stage: Stage) -> dict[str, str]:
    """What tells the tools where their caches lie."""
    return {cache.variable: f"$CI_PROJECT_DIR/{spelled(cache.paths[0]).rstrip('/')}" for cache in stage.caches if cache.variable}


def follows_policy(layout: Layout) -> bool:
    """Whether a job's cache is written in some runs and only read in others."""
    return any(_policy(layout, stage) == f"${POLICY}" for stage in layout.outside() if stage.caches)


def _policy(layout: Layout, stage: Stage) -> str | None:
    merging = {event.kind == "pull_request" for event in layout.selection.runs(stage)}
    if layout.home(stage.name) or merging == {False}:
        return None
    return "pull" if merging == {True} else f"${POLICY}"


def _cache(layout: Layout, cache: Cache, policy: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"key": _key(layout, cache), "paths": [spelled(path) for path in cache.paths]}
    return {**found, "policy": policy} if policy else found


def _key(layout: Layout, cache: Cache) -> Any:
    """The key; caches of other paths with the same files in theirs are told apart by a prefix."""
    files: dict[str, Any] = {"files": [spelled(path) for path in cache.key_files]}
    if cache.key_files and len(layout.cached[cache.key_files]) == 1:
        return files
    name = "-".join(re.findall(r"[A-Za-z0-9_]+", "-".join(cache.paths)))
    return {**files, "prefix": name} if cache.key_files else name
