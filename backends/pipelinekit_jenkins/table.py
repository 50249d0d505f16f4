"""What Jenkins makes of each feature, with the reason."""

import re
from typing import Any

from pipelinekit.backend import Case, Lowered, Native, Refused, Request, Table, Unsafe, Weakened
from pipelinekit.model.features import Use, facts

_DAY = 86400
_KEPT = "a trace doesn't tell which files a system keeps, or for how long"


def _waits_more(use: Use, request: Request[Any]) -> bool:
    """Whether the stage waits for others than it needs."""
    from pipelinekit_jenkins.render import prepared

    _, _, added = prepared(request)
    return use.stage is not None and any(later == use.stage.name for _, later in added)


def _keeps_differ(_use: Use, request: Request[Any]) -> bool:
    times = {stage.keep_for for stage in request.plan.stages if stage.keep}
    return len(times) > 1 or any(time is not None and time % _DAY for time in times)


def _has_brackets(use: Use, _request: Request[Any]) -> bool:
    """Whether a pattern says more than Ant's patterns can."""
    assert use.stage is not None
    texts = (*use.stage.keep, *use.stage.reports)
    return any(re.search(r"[\[\]{}]", re.sub(r"\$\{\w+\}", "", text)) for text in texts)


def _text_and_file(use: Use, request: Request[Any]) -> bool:
    """Whether a key that the stage wants as a file is wanted as a text elsewhere: a credential is of one kind."""
    assert use.stage is not None
    texts = {secret.stored for stage in request.plan.stages for secret in stage.secrets if not secret.file}
    for stage in request.plan.stages:
        registry = stage.container.registry if stage.container else None
        texts |= {secret.stored for secret in (registry.username, registry.password) if secret} if registry else set()
    return any(secret.file and secret.stored in texts for secret in use.stage.secrets)


def _bounds(use: Use, _request: Request[Any]) -> bool:
    return use.stage is not None and use.stage.runner is not None and bool(use.stage.runner.cpus or use.stage.runner.memory)


def _gpus(use: Use, _request: Request[Any]) -> bool:
    return use.stage is not None and use.stage.runner is not None and bool(use.stage.runner.gpus)


def _on_tags(use: Use, request: Request[Any]) -> bool:
    environments = [each for each in request.plan.environments if each.source == use.source]
    return any(event.kind == "tag" for environment in environments for event in environment.on)


def _several_schedules(_use: Use, request: Request[Any]) -> bool:
    return sum(event.kind == "schedule" for event in request.selection.events) > 1


def _input_elsewhere(_use: Use, request: Request[Any]) -> bool:
    """Whether a stage sees inputs in runs that no one gave any to."""
    given = {event for event in request.selection.events if event.inputs}
    return any(given & set(request.selection.runs(stage)) and set(request.selection.runs(stage)) - given for stage in request.plan.stages)


def _names_refs(use: Use, request: Request[Any]) -> bool:
    """Whether a stage sees the names of other branches than trunk, or of tags, in builds of these."""
    stage = use.stage
    if stage is None or not {"PK_BRANCH", "PK_TAG"} & set(facts(stage)):
        return False
    return any(event.branches or event.kind == "tag" for event in request.selection.runs(stage))


def _jobcacher(_use: Use, request: Request[Any]) -> bool:
    return bool(request.settings.cache == "jobcacher")


TABLE: Table = {
    "order": (
        Case(
            "needs that are no series of parallels",
            _waits_more,
            Weakened(
                "no parallel stands in another, so stages run in waves and some wait for others that they don't need",
                static="jobs only wait longer: the order stays one that the contract allows",
            ),
        ),
        Native(),
    ),
    "push": Native(),
    "branches": Native(),
    "pull_request": Native(),
    "forks": Native(),
    "tag": Native(),
    "schedule": (
        Case("several", _several_schedules, Lowered("started by the plugin parameterized-scheduler, told apart by a parameter of the job")),
        Native(),
    ),
    "manual": Native(),
    "inputs": (
        Case(
            "stages that other events start too",
            _input_elsewhere,
            Lowered("parameters of the job: builds that nobody started by hand see their defaults"),
        ),
        Native(),
    ),
    "changed": Lowered("git compares on an agent before the stage, since changeset looks at the last build only and is false in the first"),
    "artifacts": Native(),
    "reports": (
        Case("patterns with brackets", _has_brackets, Weakened("Ant's patterns have no brackets: such files are not found", static=_KEPT)),
        Native(),
    ),
    "keep": (
        Case("patterns with brackets", _has_brackets, Weakened("Ant's patterns have no brackets: such files are not found", static=_KEPT)),
        Case(
            "different times", _keeps_differ, Weakened("a job has one time for all that it keeps, in whole days: the longest", static=_KEPT)
        ),
        Native(),
    ),
    "cache": (
        Case("setting cache=jobcacher", _jobcacher, Native()),
        Weakened(
            "Jenkins keeps none by itself: every build starts without",
            'targets={"jenkins": {"cache": "jobcacher"}} with that plugin',
            static="a cache never changes what a job sees or does",
        ),
    ),
    "services": Lowered("containers in a network of the job's own, started and removed by docker on the agent"),
    "matrix": Native(),
    "variables": Native(),
    "secrets": Lowered(
        "containers read them from files that only the agent's user can read, since docker is given the environment as arguments"
    ),
    "secret_files": (
        Case(
            "one key, as text and as file",
            _text_and_file,
            Refused("a credential is a text or a file", "store the secret under two keys"),
        ),
        Native(),
    ),
    "optional_secrets": Lowered("looked up before the commands: a credential that there isn't is left out"),
    "gate": Native(),
    "gate_timeout": Native(),
    "lock": Native(),
    "environment": Native(),
    "block": Native(),
    "overtaking": (
        Case(
            "environments that take tags",
            _on_tags,
            Unsafe("each tag is a job of its own, whose milestones don't know those of other tags", shows=("extra-job",)),
        ),
        Native(),
    ),
    "timeout": Native(),
    "retries": Native(),
    "allow_failure": Native(),
    "on_failure": Native(),
    "always": Native(),
    "cancel_superseded": Native(),
    "runner": (
        Case(
            "cpus or memory",
            _bounds,
            Weakened(
                "agents are chosen by labels: cpus and memory are not asked for",
                "name a label of such agents",
                static="a trace doesn't tell what machine a job ran on",
            ),
        ),
        Case("gpus", _gpus, Lowered("the container is given gpus; that the agent has them is for a label to say")),
        Native(),
    ),
    "container": Lowered("docker build and docker push on an agent with docker"),
    "registry": Lowered("signed in for the one push, in a configuration of its own"),
    "bash": Native(),
    "checkout": Native(),
    "facts": Native(),
    "run_facts": Native(),
    "outsiders": (
        Case(
            "names of branches and tags",
            _names_refs,
            Weakened(
                "the git plugin puts a variable of the build for its `$NAME` in the name of a branch or tag: such a build finds no commit",
                static="no scenario has a branch or a tag that holds the name of a variable of the agent",
            ),
        ),
        Native(),
    ),
    "raw": Native(),
}
