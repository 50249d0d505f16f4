"""Which jobs a pipeline gets: workflow, rules, needs of absent jobs.

gitlab: `Ci::CreatePipelineService` and its chain, `Gitlab::Ci::Pipeline::Seed::Build`, `Gitlab::Ci::Build::Rules`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pipelinekit.testing.ground import git
from tests.readers.gitlab_expressions import BadExpression, parse

from .configuration import Cell, Invalid, Need, load, needs, stage_of
from .fnmatch import fnmatch
from .jobs import Job, Pipeline
from .variables import Variable, declared, filled, merged, on_server, plain

if TYPE_CHECKING:
    from .happenings import Event
    from .server import Server

MOST_COMPARISONS = 50_000
FRAME = (".pre", ".post")
_GROUP = re.compile(r"[a-zA-Z0-9_/\\${}. -]+")
Rule = Mapping[str, Any]


def create(
    server: Server, path: str, event: Event, inputs: Mapping[str, Any], given: dict[str, Variable], parent: Job | None = None
) -> Pipeline | None:
    """The pipeline that the file gives for the event, or None where it gives none. Raises Invalid."""
    config = load(server.files, path, inputs)
    predefined = {**event.predefined, "CI_PIPELINE_SOURCE": "parent_pipeline"} if parent else event.predefined
    pipeline = Pipeline(server.next_id(), config, event, predefined, given, parent)
    root = dict(config.variables)
    auto_cancel = config.workflow.get("auto_cancel", {})
    if "rules" in config.workflow:
        rule = _first(server, pipeline, config.workflow["rules"], merged(plain(predefined), root, given))
        if rule is None or rule.get("when") == "never":
            return None
        root = merged(root, declared(rule.get("variables", {})))
        auto_cancel = rule.get("auto_cancel", auto_cancel)
    pipeline.auto_cancel = auto_cancel.get("on_new_commit", "conservative")
    for name in config.jobs:
        pipeline.jobs += _jobs(server, pipeline, name, root)
    if all(config.stages[job.stage] in FRAME for job in pipeline.jobs):
        return None
    _check_needs(pipeline)
    return pipeline


def _jobs(server: Server, pipeline: Pipeline, name: str, root: Mapping[str, Variable]) -> Iterator[Job]:
    entry = pipeline.config.jobs[name]
    wanted = entry.get("inherit", {}).get("variables", True)
    inherited = {key: each for key, each in root.items() if wanted is True or (isinstance(wanted, list) and key in wanted)}
    for cell in pipeline.config.cells(name):
        variables = merged(inherited, declared(entry.get("variables", {})), plain(cell.variables))
        job = _seed(server, pipeline, entry, cell, variables)
        if job is not None:
            yield job


def _seed(server: Server, pipeline: Pipeline, entry: Mapping[str, Any], cell: Cell, variables: dict[str, Variable]) -> Job | None:
    config = pipeline.config
    when = entry.get("when", "on_success")
    allow = entry.get("allow_failure", when == "manual")
    job = Job(
        id=server.next_id(),
        name=cell.name,
        pipeline=pipeline,
        entry=entry,
        stage=config.stages.index(stage_of(entry)),
        variables=variables,
        when=when,
        allow_failure=allow is True,
        needs=needs(config, list(entry["needs"])) if "needs" in entry else None,
        interruptible=bool(entry.get("interruptible", False)),
    )
    job.environment = _environment(server, job)
    if "rules" in entry:
        rule = _first(server, pipeline, entry["rules"], server.variables(job))
        if rule is None or rule.get("when", when) == "never":
            return None
        job.when = rule.get("when", when)
        job.allow_failure = rule["allow_failure"] is True if "allow_failure" in rule else job.allow_failure
        job.variables = merged(variables, declared(rule.get("variables", {})))
        job.interruptible = bool(rule.get("interruptible", job.interruptible))
        if "needs" in rule:
            job.needs = needs(config, list(rule["needs"]))
    job.resource_group = _resource_group(server, job)
    return job


def _environment(server: Server, job: Job) -> str | None:
    """gitlab: `Ci::Deployable#expanded_environment_name`."""
    about = job.entry.get("environment")
    if about is None:
        return None
    name = about if isinstance(about, str) else about["name"]
    return filled(name, server.variables(job)) or None


def _resource_group(server: Server, job: Job) -> str | None:
    """gitlab: `Gitlab::Ci::Pipeline::Seed::Processable::ResourceGroup`; a bad name is no group, in silence."""
    key = job.entry.get("resource_group")
    if key is None:
        return None
    name = filled(key, server.variables(job))
    if not _GROUP.fullmatch(name) or name.startswith("/") or name.endswith("/"):
        raise Invalid(f"{job.name}: the resource group {name!r} would be none")
    return name


def _first(server: Server, pipeline: Pipeline, rules: list[Rule], variables: Mapping[str, Variable]) -> Rule | None:
    values: dict[str, str | None] = {key: each.value for key, each in on_server(variables).items()}
    return next((rule for rule in rules if _matches(server, pipeline, rule, values)), None)


def _matches(server: Server, pipeline: Pipeline, rule: Rule, values: dict[str, str | None]) -> bool:
    try:
        if "if" in rule and not parse(rule["if"]).holds(values):
            return False
    except BadExpression as error:
        raise Invalid(f"rules:if: {error}") from None
    if "changes" in rule and not _changed(pipeline.event, rule["changes"]):
        return False
    return "exists" not in rule or _exists(server, pipeline.event, rule["exists"])


def _changed(event: Event, given: Any) -> bool:
    """gitlab: `Rules::Rule::Clause::Changes#satisfied_by?`: true where nothing is compared."""
    globs = given["paths"] if isinstance(given, dict) else given
    if isinstance(given, dict) and "compare_to" in given:
        raise Invalid("rules:changes:compare_to isn't modelled")
    if event.changed is None:
        return True
    if len(event.changed) * len(globs) > MOST_COMPARISONS:
        return True
    return any(fnmatch(glob, path) for glob in globs for path in event.changed)


def _exists(server: Server, event: Event, given: Any) -> bool:
    globs = given["paths"] if isinstance(given, dict) else given
    paths = git(server.ground.repository, "ls-tree", "-r", "--name-only", event.sha).splitlines()
    return any(fnmatch(glob, path) for glob in globs for path in paths)


def _check_needs(pipeline: Pipeline) -> None:
    """gitlab: `Seed::Build#needs_errors`."""
    names = {job.name for job in pipeline.jobs}
    for job in pipeline.jobs:
        for need in job.needs or ():
            if not need.pipeline and not need.optional and need.name not in names:
                raise Invalid(f"'{job.name}' job needs '{need.name}' job, but '{need.name}' does not exist in the pipeline.")


def files_of(job: Job) -> list[tuple[Need, Pipeline | None]]:
    """The jobs of whose files a job gets a copy, in the order in which they are laid down; the pipeline is None for one that is unknown.

    gitlab: `Ci::BuildDependencies`.
    """
    if job.needs is None:
        wanted = job.entry.get("dependencies")
        earlier = [other.name for other in job.pipeline.jobs if other.stage < job.stage and not other.is_bridge]
        return [(Need(name), job.pipeline) for name in earlier if wanted is None or name in wanted]
    found: list[tuple[Need, Pipeline | None]] = []
    for need in job.needs:
        if need.artifacts:
            number = filled(need.pipeline, {**job.variables, **job.pipeline.given})
            there = next((each for each in job.pipeline.hierarchy() if str(each.id) == number), None)
            found.append((need, there if need.pipeline else job.pipeline))
    return found
