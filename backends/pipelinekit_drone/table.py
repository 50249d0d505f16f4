"""What Drone makes of each feature. https://docs.drone.io/pipeline/docker/overview/"""

from collections.abc import Callable
from typing import Any

from pipelinekit.backend import Case, Lowered, Native, Refused, Request, Table, Unsafe, Weakened
from pipelinekit.lowering import gates
from pipelinekit.model.features import Use, facts
from pipelinekit.model.plan import Stage
from pipelinekit_drone.layout import Document, hides_secrets, layout
from pipelinekit_drone.runners import architectures

Predicate = Callable[[Use, Request[Any]], bool]

STORE = 'targets={"drone": {"store": "s3://bucket/folder"}}'


def _no_store(use: Use, request: Request[Any]) -> bool:
    return not request.settings.store


def _documents(use: Use, request: Request[Any]) -> list[Document]:
    """The pipelines that have the stage of a use."""
    assert use.stage is not None
    name = use.stage.name
    return [document for document in layout(request).documents if any(stage.origin == name for stage in document.stages)]


def _cells(use: Use, document: Document) -> list[Stage]:
    return [stage for stage in document.stages if use.stage is not None and stage.origin == use.stage.name]


def _crosses(use: Use, request: Request[Any]) -> bool:
    """Whether files go from one pipeline to another without a store."""
    if request.settings.store:
        return False
    return any(
        need.paths and need.stage not in document.runs
        for document in _documents(use, request)
        for stage in _cells(use, document)
        for need in stage.needs
    )


def _torn_environment(use: Use, request: Request[Any]) -> bool:
    return any(environment.source == use.source and environment.name in layout(request).torn for environment in request.plan.environments)


def _torn_gate(use: Use, request: Request[Any]) -> bool:
    return use.stage is not None and use.stage.name in layout(request).torn


def _joined(use: Use, request: Request[Any]) -> bool:
    """Whether something stands behind this gate and another one, of which neither needs the other."""
    return bool(gates.joined(request.plan))


def _many_ends(use: Use, request: Request[Any]) -> bool:
    """Whether the run has several last parts: gates that no gate comes after."""
    opened = {document.gate.name for document in layout(request).documents if document.gate}
    needed = {other.name for stage in request.plan.stages if stage.is_gate for other in _gates_before(request, stage)}
    return len(opened - needed) > 1


def _gates_before(request: Request[Any], stage: Stage) -> list[Stage]:
    from pipelinekit.semantics.selection import ancestors

    before = ancestors(request.plan, [stage.name])
    return [other for other in request.plan.stages if other.is_gate and other.name in before]


def _several_manual(use: Use, request: Request[Any]) -> bool:
    return sum(event.kind == "manual" for event in request.selection.events) > 1


def _promoted_inputs(use: Use, request: Request[Any]) -> bool:
    return any(document.gate and use.event in document.events for document in layout(request).documents)


def _secrets_hidden(use: Use, request: Request[Any]) -> bool:
    pulls = [event for event in request.selection.events if event.kind == "pull_request"]
    return use.stage is not None and bool(pulls) and hides_secrets(request) and pulls[0] in request.selection.runs(use.stage)


def _forks_come(use: Use, request: Request[Any]) -> bool:
    return not request.settings.ignore_forks and not (use.event and use.event.forks)


def _is_container(use: Use, request: Request[Any]) -> bool:
    return use.stage is not None and use.stage.container is not None


def _commas(use: Use, request: Request[Any]) -> bool:
    return bool(use.stage and use.stage.container and any("," in value or "\n" in value for _, value in use.stage.container.args))


def _with_services(use: Use, request: Request[Any]) -> bool:
    return bool(use.stage and use.stage.services)


def _shared_alias(use: Use, request: Request[Any]) -> bool:
    return any(len(users) > 1 for _, users in _aliases(use, request))


def _two_of_one_alias(use: Use, request: Request[Any]) -> bool:
    return any(
        len({service for stage in users for service in stage.services if service.alias == alias}) > 1
        for alias, users in _aliases(use, request)
    )


def _aliases(use: Use, request: Request[Any]) -> list[tuple[str, list[Stage]]]:
    """Each alias of the stage's services, with the jobs of its pipeline that name it."""
    assert use.stage is not None
    return [
        (mine.alias, [stage for stage in document.stages if any(service.alias == mine.alias for service in stage.services)])
        for document in _documents(use, request)
        for mine in use.stage.services
    ]


def _lock_spreads(use: Use, request: Request[Any]) -> bool:
    lock = use.stage and use.stage.lock
    return sum(any(stage.lock == lock for stage in document.stages) for document in layout(request).documents) > 1


def _two_architectures(use: Use, request: Request[Any]) -> bool:
    return any(len(architectures(document.stages)) > 1 for document in _documents(use, request))


def _sizes(use: Use, request: Request[Any]) -> bool:
    runner = use.stage and use.stage.runner
    return bool(runner and (runner.cpus or runner.memory or runner.gpus))


def _alone_on_runner(use: Use, request: Request[Any]) -> bool:
    """Whether all of the stage's pipelines ask for the same worker."""
    return all(len({stage.runner for stage in document.stages}) == 1 for document in _documents(use, request))


def _event_behind_gate(use: Use, request: Request[Any]) -> bool:
    """Whether PK_EVENT is asked for where a promotion doesn't tell it."""
    if use.stage is None or "PK_EVENT" not in facts(use.stage):
        return False
    promotions = [document for document in _documents(use, request) if document.gate]
    return any(len({e.kind for e in document.events if e.kind != "tag"}) > 1 for document in promotions)


def _registry_secret(use: Use, request: Request[Any]) -> bool:
    return True


def _split_after(use: Use, request: Request[Any]) -> bool:
    return any(document.statuses for document in layout(request).documents)


def _guarded(use: Use, request: Request[Any]) -> bool:
    from pipelinekit.semantics.selection import delivers

    return use.event is not None and delivers(request.plan, use.event)


_LATE = Weakened("the server looks for due cron jobs once an hour, so that a run can start an hour late")
_ENDS = Case(
    "several gates", _many_ends, Refused("behind gates of which none comes last a run has no one end", "let one gate need the other")
)

TABLE: Table = {
    "order": Native(),
    "push": Native(),
    "branches": Native(),
    "pull_request": (
        Case(
            "forks are not ignored",
            _forks_come,
            Unsafe(
                "the repository's builds of forks can't be told from others",
                'on.pull_request(forks=True), or targets={"drone": {"ignore_forks": True}}',
            ),
        ),
        Lowered("its head is cloned, where Drone would merge it; the repository's settings must ignore forks", "see setup"),
    ),
    "forks": Weakened("a pipeline can't tell a fork: stages that name a secret, and what needs them, run in no pull request"),
    "tag": (
        Case("a delivery", _guarded, Lowered("a step asks whether the tag's commit is on trunk")),
        Native(),
    ),
    "schedule": _LATE,
    "manual": (
        Case(
            "several manual runs",
            _several_manual,
            Refused("Drone knows one kind of build by hand", "one on.manual() with an input that says what to do"),
        ),
        Lowered("a custom build, started by `drone build create`"),
    ),
    "inputs": (
        Case(
            "behind a gate",
            _promoted_inputs,
            Refused("what a build was given doesn't reach its promotion", "read it before the gate, and hand over a file"),
        ),
        Lowered("build parameters, with defaults and choices in the script"),
    ),
    "changed": Lowered("a step looks at the changes; the job of an unchanged part starts and ends green"),
    "artifacts": (
        Case("to another pipeline", _crosses, Refused("nothing flows from one pipeline to another, and an environment has its own", STORE)),
        Lowered("copied through a folder beside the tree, or through the store to another pipeline"),
    ),
    "reports": (
        Case("without a store", _no_store, Weakened("Drone shows no reports, and there is no store to keep them in", STORE)),
        Weakened("Drone shows no reports: the files are kept in the store"),
    ),
    "keep": (
        Case("without a store", _no_store, Refused("Drone keeps no files after a run", STORE)),
        Case(
            "for a time",
            lambda use, request: bool(use.stage and use.stage.keep_for),
            Weakened("the store's own rules say how long files are kept"),
        ),
        Lowered("copied into the store at the end"),
    ),
    "cache": Weakened("Drone has no cache: each run fetches anew"),
    "services": (
        Case(
            "one alias, two services",
            _two_of_one_alias,
            Refused("a pipeline has one service of a name", "give the services different aliases"),
        ),
        Case("shared", _shared_alias, Weakened("jobs that name the same service share one instance, one job after the other")),
        Case(
            "with retries",
            lambda use, request: bool(use.stage and use.stage.retries),
            Weakened("attempts share the service's one instance"),
        ),
        Native(),
    ),
    "matrix": Lowered("a step for each cell"),
    "variables": Native(),
    "secrets": (
        Case("in pull requests", _secrets_hidden, Weakened("left out of pull requests, of which some may come from forks")),
        Native(),
    ),
    "secret_files": Lowered("written to a temporary file of the job's container"),
    "optional_secrets": Native(),
    "gate": (
        Case("no order between gates", _joined, Refused("a promotion is one approval", "let one gate need the other")),
        Case(
            "unknown event",
            _torn_gate,
            Refused("a promotion doesn't tell which event the first build had, and different stages run on them"),
        ),
        Case("without a store", _no_store, Refused("the promotion can't ask whether the first build passed", STORE)),
        Lowered("a promotion, a build of its own, which demands the marks that the first one left in the store"),
    ),
    "gate_timeout": Lowered("a promotion that comes later fails at its first step"),
    "lock": (
        Case(
            "in several pipelines",
            _lock_spreads,
            Refused(
                "a limit counts one pipeline, and the jobs of this lock are in several",
                "run them on the same events, in one environment or in none",
            ),
        ),
        Weakened("the whole pipeline of the job runs one at a time"),
    ),
    "environment": (
        Case(
            "torn",
            _torn_environment,
            Refused("no single pipeline can hold the environment's stages", "put all its stages behind the same gate, or none"),
        ),
        Lowered("a pipeline of its own, one at a time, after the whole pipelines that its stages need; Drone has no page for its URL"),
    ),
    "block": Native(),
    "overtaking": Weakened("any earlier build can be promoted or restarted"),
    "timeout": (
        Case("container builds", _is_container, Weakened("the plugin is bounded by the repository's timeout alone")),
        Lowered("`timeout` of the image ends the script"),
    ),
    "retries": (
        Case("container builds", _is_container, Weakened("the plugin is tried once")),
        Case("with services", _with_services, Weakened("attempts share the job's services")),
        Lowered("a loop around the script, with a new copy of the tree each time"),
    ),
    "allow_failure": Native(),
    "on_failure": Native(),
    "always": (_ENDS, Native()),
    "cancel_superseded": Lowered("a setting of the repository", "see setup"),
    "runner": (
        Case(
            "two architectures",
            _two_architectures,
            Refused("a pipeline runs on one worker, and its stages ask for different architectures", "run them on different events"),
        ),
        Case(
            "sizes",
            _sizes,
            Weakened("workers are chosen by platform and labels, not by cores, memory and gpus", "label the runner, and name the label"),
        ),
        Case("the only one", _alone_on_runner, Native()),
        Weakened("a pipeline runs on one worker: its other stages wait for this one too"),
    ),
    "container": (
        Case(
            "commas in arguments",
            _commas,
            Refused("the docker plugin splits arguments at commas", "put the value into a file of the context"),
        ),
        Native("plugins/docker, which must be one of the runner's privileged images"),
    ),
    "registry": Weakened("a missing registry secret fails the push, not by its name before the build"),
    "bash": Native(),
    "checkout": Lowered("history is always there; tags, LFS and submodules are fetched for the whole pipeline"),
    "facts": (
        Case(
            "PK_EVENT behind a gate",
            _event_behind_gate,
            Refused("a promotion doesn't tell which event the first build had", "read PK_EVENT before the gate"),
        ),
        Native(),
    ),
    "run_facts": Native(),
    "outsiders": Native(),
    "raw": Native(),
}
