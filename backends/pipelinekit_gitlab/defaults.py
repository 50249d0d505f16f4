"""`default:` and `variables:`: what most jobs share is said once, and again only where a job differs.

A default is replaced as a whole, never merged, so a job without the thing says so (`cache: []`).
"""

from collections.abc import Iterable
from typing import Any

from pipelinekit.text.yaml import Flow

Job = dict[str, Any]
Jobs = dict[str, Job]

ABSENT: dict[str, Any] = {"tags": [], "interruptible": False, "cache": [], "before_script": []}
SHARED = ("image", "tags", "interruptible", "cache", "before_script")
FOR_GATES = ("image", "tags")

ORDER = (
    *("stage", "needs", "rules", "when", "allow_failure", "manual_confirmation", "interruptible"),
    *("inherit", "image", "services", "tags", "parallel", "environment", "resource_group", "timeout", "retry"),
    *("variables", "dependencies", "cache", "before_script", "script", "artifacts", "trigger"),
)
_PLACE = {key: index for index, key in enumerate(ORDER)}


def share(jobs: Jobs, gate_image: str) -> tuple[Job, Jobs]:
    """The defaults, and the jobs without what these say."""
    working = [job for job in jobs.values() if "script" in job and job.get("when") != "manual"]
    default = {key: value for key in SHARED for value in _shared(key, working)}
    return default, {name: _ordered(_without(job, default, gate_image)) for name, job in jobs.items()}


def share_variables(jobs: Jobs, names: set[str]) -> tuple[dict[str, Any], Jobs]:
    """What GitLab's own `GIT_` variables most often are where all jobs have them, and these names where most jobs have them.

    The latter say where a cache lies, which does no harm to a job without one.
    """
    working = [job.get("variables", {}) for job in jobs.values() if "script" in job and job.get("when") != "manual"]
    shared: dict[str, Any] = {}
    for name in dict.fromkeys(name for variables in working for name in variables if name in names or name.startswith("GIT_")):
        values = [variables[name] for variables in working if name in variables]
        value, count = _most_frequent(values)
        enough = len(values) == len(working) if name.startswith("GIT_") else count == len(values) and count * 2 > len(working)
        if count > 1 and enough:
            shared[name] = value
    return shared, {name: _less(job, shared) for name, job in jobs.items()}


def _shared(key: str, jobs: list[Job]) -> list[Any]:
    """The value that at least two jobs, and more than half, agree on; of images the most frequent one."""
    values = {_text(job[key]): job[key] for job in jobs if key in job}
    text, count = _most_frequent(_text(job[key]) for job in jobs if key in job) if values else ("", 0)
    return [values[text]] if count > 1 and (key == "image" or count * 2 > len(jobs)) else []


def _most_frequent(values: Iterable[Any]) -> tuple[Any, int]:
    """The value that comes most often, of several the first, and how often."""
    counts: dict[Any, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return max(counts.items(), key=lambda item: item[1])


def _text(value: Any) -> str:
    return repr(value.value if isinstance(value, Flow) else value)


def _without(job: Job, default: Job, gate_image: str) -> Job:
    if job.get("when") == "manual":
        own = {} if "image" in default or "image" in job else {"image": gate_image}
        taken = [key for key in FOR_GATES if key in default]
        return {**job, **own} if len(taken) == len(default) else {**job, **own, "inherit": {"default": Flow(taken) if taken else False}}
    if "script" not in job:
        return job
    kept = {key: value for key, value in job.items() if key not in default or _text(default[key]) != _text(value)}
    return {**kept, **{key: ABSENT[key] for key in default if key not in job and key in ABSENT}}


def _less(job: Job, shared: dict[str, Any]) -> Job:
    if "variables" not in job or "script" not in job:
        return job
    left = {name: value for name, value in job["variables"].items() if name not in shared or value != shared[name]}
    return {**job, "variables": left} if left else {key: value for key, value in job.items() if key != "variables"}


def _ordered(job: Job) -> Job:
    return dict(sorted(job.items(), key=lambda item: _PLACE.get(item[0], len(ORDER))))
