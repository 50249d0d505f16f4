"""Caches: folders of a volume, restored from the bucket before the jobs and saved after them, by the bytes of their key files."""

import re
from collections.abc import Iterable

from pipelinekit.model.plan import Cache, Plan, Stage
from pipelinekit.text.shell import quote
from pipelinekit_cloudbuild.steps import Step, sh

VOLUME = {"caches": "/caches"}


def named(plan: Plan) -> dict[Cache, str]:
    """Each cache of the plan with a folder of its own: `.cache/pip` lies in /caches/cache-pip."""
    found: dict[Cache, str] = {}
    for cache in (cache for stage in plan.stages for cache in stage.caches):
        if cache not in found:
            name = "-".join(re.findall(r"[a-z0-9]+", cache.paths[0].lower())) or "cache"
            found[cache] = name if name not in found.values() else f"{name}-{len(found) + 1}"
    return found


def variables(stage: Stage, names: dict[Cache, str]) -> dict[str, str]:
    """Where tools that ask find their cache: in the volume itself, so nothing is copied."""
    return {cache.variable: f"/caches/{names[cache]}/{cache.paths[0].rstrip('/')}" for cache in stage.caches if cache.variable}


def before(stage: Stage, names: dict[Cache, str]) -> list[str]:
    """Lay caches whose tools know no variable into the tree."""
    return [_copy(f"/caches/{names[cache]}/{path}", path) for cache in stage.caches for path in _copied(cache)]


def after(stage: Stage, names: dict[Cache, str]) -> list[str]:
    """Take out what was not restored: the first job that has it, for a job beside it must never see half of a folder."""
    return [line for cache in stage.caches for path in _copied(cache) for line in _save(path, f"/caches/{names[cache]}/{path}")]


def _copy(source: str, target: str) -> str:
    """Copy a folder, if it is there; a cache never fails a job."""
    start, end = quote(source), quote(target)
    return f"if [ -d {start} ]; then {{ mkdir -p {end} && cp -R {start}/. {end}; }} || true; fi"


def _save(path: str, target: str) -> list[str]:
    start, end, new = quote(path), quote(target), quote(f"{target}.new")
    return [
        f"if [ -d {start} ] && [ ! -d {end} ] && mkdir -p {quote(target.rpartition('/')[0])} && mkdir {new} 2>/dev/null; then",
        f"  {{ cp -R {start}/. {new} && mv {new} {end}; }} || true",
        "fi",
    ]


def _copied(cache: Cache) -> tuple[str, ...]:
    """The paths that the volume can't be used for in place."""
    return tuple(path.rstrip("/") for path in (cache.paths[1:] if cache.variable else cache.paths))


def restore(step_id: str, names: dict[Cache, str], image: str, bucket: str, pipeline: str) -> Step:
    """Get what earlier runs saved; absent caches fail nothing."""
    lines: list[str] = []
    for cache, name in names.items():
        lines += [*_key(cache), f"mkdir -p /caches/{name}"]
        lines.append(f'file="gs://{bucket}/{pipeline}/caches/{name}-$key.tgz"')
        lines.append(f'if gcloud storage cp "$file" /tmp/{name}.tgz; then tar -C /caches -xzf /tmp/{name}.tgz || true; fi')
    return Step(step_id, image, script=sh(*lines), volumes=dict(VOLUME))


def save(step_id: str, names: dict[Cache, str], users: Iterable[str], image: str, bucket: str, pipeline: str) -> Step:
    """Save what is not saved yet."""
    lines: list[str] = []
    for cache, name in names.items():
        lines += _key(cache)
        lines.append(f'file="gs://{bucket}/{pipeline}/caches/{name}-$key.tgz"')
        lines.append(
            f'gcloud storage ls "$file" || {{ tar -C /caches -czf /tmp/{name}.tgz {name} && gcloud storage cp /tmp/{name}.tgz "$file"; }}'
        )
    return Step(step_id, image, after=list(users), script=sh(*lines), volumes=dict(VOLUME), allow_failure=True)


def _key(cache: Cache) -> list[str]:
    files = " ".join(quote(path) for path in cache.key_files)
    return [f"key=$({{ cat {files} || true; }} 2>/dev/null | sha256sum | cut -c 1-16)"] if files else ["key=any"]
