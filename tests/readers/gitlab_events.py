"""Which jobs a GitLab pipeline has for each event, and what a need of an absent job does.

Every event that the rules can tell apart is tried: branches, tags and targets that the rules name and one that they
don't, and for each variable that people set, the values that it is compared with. `changes` and `exists` may be true
or false. A problem found here is therefore one that can happen.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

from .gitlab_expressions import BadExpression, Expression, Test, parse
from .gitlab_jobs import Job, Pipeline, needs

Event = dict[str, str | None]

MOST_COMBINATIONS = 256
"""Of the values of free variables, for each event; more are not tried."""

REFS = ("CI_COMMIT_BRANCH", "CI_COMMIT_REF_NAME", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_DEFAULT_BRANCH")
TOLD = (
    *REFS,
    "CI_PIPELINE_SOURCE",
    "CI_COMMIT_TAG",
    "CI_MERGE_REQUEST_IID",
    "CI_MERGE_REQUEST_ID",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME",
    "CI_OPEN_MERGE_REQUESTS",
    "CI_COMMIT_REF_PROTECTED",
)


def selected(job: Job, event: Event) -> tuple[str, dict[str, Any]] | None:
    """How and by which rule the job is in the event's pipeline; None if it is not.

    Raises:
        BadExpression: a rule is no expression.
    """
    when = job.get("when", "on_success")
    if "rules" not in job:
        return when, {}
    for rule in job["rules"]:
        if _applies(rule, event):
            how = rule.get("when", when)
            return None if how == "never" else (how, rule)
    return None


def _applies(rule: dict[str, Any], event: Event) -> bool:
    if "if" in rule and not parse(rule["if"]).holds(event):
        return False
    return all(event.get(_free_name(key, rule[key])) == "true" for key in ("changes", "exists") if key in rule)


def _free_name(key: str, patterns: Any) -> str:
    return f"{key} {json.dumps(patterns, sort_keys=True)}"


def _all_rules(pipeline: Pipeline) -> Iterator[dict[str, Any]]:
    holders = [pipeline.config.get("workflow", {}), *pipeline.jobs.values()]
    for holder in holders:
        yield from (rule for rule in holder.get("rules", []) if isinstance(rule, dict))


def events(pipeline: Pipeline) -> Iterator[Event]:
    """The events that start this pipeline, as the variables that its rules read."""
    rules = list(_all_rules(pipeline))
    tests = [test for rule in rules if "if" in rule for test in parse(rule["if"]).tests()]
    free = _free(tests)
    for rule in rules:
        free |= {_free_name(key, rule[key]): ["true", None] for key in ("changes", "exists") if key in rule}
    workflow = pipeline.config.get("workflow", {})
    for told in _told(tests, pipeline.child):
        for combination in itertools.islice(itertools.product(*free.values()), MOST_COMBINATIONS):
            event = told | dict(zip(free, combination, strict=True))
            if selected(workflow, event):
                yield event


def _free(tests: list[Test]) -> dict[str, list[str | None]]:
    """Variables that people set, with the values that matter."""
    found: dict[str, list[str | None]] = {}
    for test in tests:
        if test.variable not in TOLD:
            values = found.setdefault(test.variable, [None, "another value"])
            values += [value for value in _candidates(test) if value not in values]
    return found


def _candidates(test: Test) -> list[str]:
    if test.right.startswith(("'", '"')):
        return [test.right[1:-1]]
    return _sample(test) if test.right.startswith("/") else []


def _sample(test: Test) -> list[str]:
    """A text that the expression matches, if the plain parts of it give one."""
    body = test.right[1:].rpartition("/")[0].strip("^$")
    plain = re.sub(r"\\d[+*]?|\[0-9\][+*]?", "1", body)
    plain = re.sub(r"\.[+*]|\[[^]]*\][+*]?", "x", plain)
    plain = re.sub(r"\\(.)", r"\1", plain)
    positive = Test(test.variable, "=~", test.right)
    return [plain] if positive.holds({test.variable: plain}) else []


def _told(tests: list[Test], child: bool) -> Iterator[Event]:
    """What GitLab itself says about each kind of event; a child's source is always its parent."""
    branches = {"main": None, "a-branch": None}
    tags = {"v1.0": None, "a-tag": None}
    for test in tests:
        target = tags if test.variable == "CI_COMMIT_TAG" else branches if test.variable in REFS else {}
        target.update(dict.fromkeys(_candidates(test)))
    merging = any(test.variable == "CI_OPEN_MERGE_REQUESTS" for test in tests)
    for event in [*_branch_events(list(branches), merging), *_other_events(list(branches), list(tags))]:
        event["CI_DEFAULT_BRANCH"] = "main"
        yield event | {"CI_PIPELINE_SOURCE": "parent_pipeline"} if child else event


def _branch_events(branches: list[str], merging: bool) -> Iterator[Event]:
    for branch in branches:
        for source in ("push", "schedule", "web", "api", "trigger", "pipeline"):
            for open_requests in (None, "group/project!1") if merging and source == "push" else (None,):
                yield {
                    "CI_PIPELINE_SOURCE": source,
                    "CI_COMMIT_BRANCH": branch,
                    "CI_COMMIT_REF_NAME": branch,
                    "CI_OPEN_MERGE_REQUESTS": open_requests,
                    "CI_COMMIT_REF_PROTECTED": "true" if branch == "main" else "false",
                }


def _other_events(branches: list[str], tags: list[str]) -> Iterator[Event]:
    for target in branches:
        yield {
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_IID": "1",
            "CI_MERGE_REQUEST_ID": "1",
            "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "topic",
            "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": target,
            "CI_COMMIT_REF_NAME": "topic",
        }
    for tag in tags:
        yield {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_TAG": tag, "CI_COMMIT_REF_NAME": tag}


def name(event: Event) -> str:
    """An event as the messages tell it."""
    words = [f"{key}={value}" for key, value in event.items() if value is not None and key != "CI_DEFAULT_BRANCH"]
    shown = [word for word in words if not word.startswith(("CI_COMMIT_REF_", "CI_MERGE_REQUEST_I"))]
    return " ".join(shown)


_named = name


def expressions(pipeline: Pipeline) -> Iterator[str]:
    """Every `rules:if` is an expression."""
    for rule in _all_rules(pipeline):
        if "if" in rule:
            found: Expression | str
            try:
                found = parse(rule["if"])
            except BadExpression as error:
                found = str(error)
            if isinstance(found, str):
                yield f"rules:if: {found}"


def needs_exist_in_each_event(pipeline: Pipeline) -> Iterator[str]:
    """A need of a job that the rules left out keeps the whole pipeline from being created."""
    told: set[tuple[str, str, str]] = set()
    for event in events(pipeline):
        present = {job: how for job, entry in pipeline.jobs.items() if (how := selected(entry, event))}
        for job, (_, rule) in present.items():
            for need in needs(rule.get("needs", pipeline.jobs[job].get("needs"))):
                if need.job not in pipeline.jobs or need.elsewhere:
                    continue
                problem = _absent(need.optional, need.job, pipeline, present)
                if problem and (job, need.job, problem) not in told:
                    told.add((job, need.job, problem))
                    yield f"job {job}: needs {need.job}, which {problem} when {name(event)}"


def _absent(optional: bool, job: str, pipeline: Pipeline, present: dict[str, tuple[str, dict[str, Any]]]) -> str:
    if job not in present:
        return "" if optional else "is not in the pipeline"
    how, rule = present[job]
    default = pipeline.jobs[job].get("allow_failure", "rules" not in pipeline.jobs[job])
    if how == "manual" and rule.get("allow_failure", default) is True:
        return "is an optional manual job, so that this one is skipped until somebody starts it,"
    return ""


def some_job_is_no_frame(pipeline: Pipeline) -> Iterator[str]:
    """A pipeline whose jobs are all in `.pre` and `.post` does not run."""
    for event in events(pipeline):
        present = [job for job in pipeline.jobs.values() if selected(job, event)]
        if present and all(job.get("stage") in (".pre", ".post") for job in present):
            yield f"all jobs are in .pre and .post, so that nothing runs, when {name(event)}"
            return


def workflow_selects(pipeline: Pipeline) -> Iterator[str]:
    """No commit starts both a branch pipeline and a merge request pipeline."""
    if pipeline.child:
        return
    if not pipeline.config.get("workflow", {}).get("rules"):
        yield "workflow:rules is missing: a commit may start a branch pipeline and a merge request pipeline"


def caches_are_only_read_in_merge_requests(pipeline: Pipeline) -> Iterator[str]:
    """A merge request, above all a fork's, must not write what trunk takes from a cache."""
    told: set[str] = set()
    for event in events(pipeline):
        if event.get("CI_PIPELINE_SOURCE") != "merge_request_event":
            continue
        _, started = selected(pipeline.config.get("workflow", {}), event) or ("", {})
        for name, job in pipeline.jobs.items():
            how = selected(job, event)
            if how is None or name in told or "script" not in job:
                continue
            blocks = [block.get("variables", {}) for block in (how[1], job, started, pipeline.config)]
            if any(_value(cache.get("policy", "pull-push"), blocks) != "pull" for cache in _caches(job, pipeline)):
                told.add(name)
                yield f"job {name}: writes a cache when {_named(event)}"


def _caches(job: Job, pipeline: Pipeline) -> list[dict[str, Any]]:
    found = job.get("cache", pipeline.config.get("default", {}).get("cache", []))
    return found if isinstance(found, list) else [found]


def _value(text: str, blocks: list[Any]) -> str:
    """A text, or the value of the variable that it is; the first block that has it counts."""
    found = next((block[text[1:]] for block in blocks if text[1:] in block), text) if text.startswith("$") else text
    return str(found["value"] if isinstance(found, dict) else found)


RULES = (needs_exist_in_each_event, some_job_is_no_frame, workflow_selects, caches_are_only_read_in_merge_requests)
