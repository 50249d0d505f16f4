"""What Cloud Build makes of each feature. One file is one build: a machine, a folder, and steps with `waitFor`."""

import re

from pipelinekit.backend import Case, Lowered, Native, Refused, Request, Table, Weakened
from pipelinekit.lowering.gates import joined, opening_gates
from pipelinekit.lowering.order import overlapping
from pipelinekit.model.features import Use, facts
from pipelinekit.model.plan import Stage
from pipelinekit.semantics.matrix import cells_of
from pipelinekit.semantics.selection import block, delivers
from pipelinekit_cloudbuild import secrets
from pipelinekit_cloudbuild.escape import expression
from pipelinekit_cloudbuild.facts import BY_GIT
from pipelinekit_cloudbuild.machines import machine_of, pool_of, pools
from pipelinekit_cloudbuild.settings import Settings

_BUCKET = 'targets={"cloudbuild": {"bucket": "acme-ci-files"}}'


_STAYS = "what stays after a run is no line of a trace"
_MISSING = Weakened(
    "a secret that Secret Manager lacks fails the whole build before its first step, so what comes before its stage doesn't run either",
    shows=("missing-job",),
)


def _stage(use: Use) -> Stage:
    assert use.stage is not None
    return use.stage


def _no_bucket(_use: Use, request: Request[Settings]) -> bool:
    return request.settings.bucket is None


def _crosses_gate(use: Use, request: Request[Settings]) -> bool:
    opened = opening_gates(request.plan)
    return any(need.paths and opened[need.stage] != opened[_stage(use).name] for need in _stage(use).needs)


def _crosses_without_bucket(use: Use, request: Request[Settings]) -> bool:
    return _no_bucket(use, request) and _crosses_gate(use, request)


def _joined(_use: Use, request: Request[Settings]) -> bool:
    return bool(joined(request.plan))


def _behind_others(use: Use, request: Request[Settings]) -> bool:
    """Whether the build has done something else by the time that a stage would miss its secret."""
    opened = opening_gates(request.plan)
    return any(opened[need.stage] == opened[_stage(use).name] for need in _stage(use).needs)


def _trunk_among_others(use: Use, request: Request[Settings]) -> bool:
    branches = use.event.branches if use.event else ()
    return "**" not in branches and any(re.fullmatch(expression(glob), request.plan.trunk) for glob in branches)


def _one_account(_use: Use, request: Request[Settings]) -> bool:
    return request.settings.pull_request_account is None and any(secrets.of(stage) for stage in request.plan.stages)


def _typed(use: Use, _request: Request[Settings]) -> bool:
    return use.event is not None and any(not each.choices for each in use.event.inputs)


def _forks(use: Use, _request: Request[Settings]) -> bool:
    return use.event is not None and use.event.forks


def _delivers(use: Use, request: Request[Settings]) -> bool:
    return use.event is not None and delivers(request.plan, use.event)


def _shares_alias(use: Use, request: Request[Settings]) -> bool:
    """Whether another job, a cell of the same stage or a stage that may overlap, has a service of the same name."""
    stage = _stage(use)
    own = {service.alias for service in stage.services}
    others = {service.alias for other in overlapping(request.plan, stage) for service in other.services}
    return len(cells_of(stage)) > 1 or bool(own & others)


def _killed(use: Use, request: Request[Settings]) -> bool:
    """Whether a job outside of a block may fail while the block runs: the first failure ends everything."""
    plan, opened = request.plan, opening_gates(request.plan)
    for environment in (each for each in plan.environments if each.source == use.source):
        own = block(plan, environment.name)
        names = {stage.name for stage in own}
        for stage in own:
            for other in overlapping(plan, stage):
                together = set(request.selection.runs(other)) & set(request.selection.runs(stage))
                may_end_it = other.name not in names and not other.is_gate and not other.allow_failure
                if may_end_it and together and opened[other.name] == opened[stage.name]:
                    return True
    return False


def _has_services(use: Use, _request: Request[Settings]) -> bool:
    return bool(_stage(use).services)


def _retried(use: Use, _request: Request[Settings]) -> bool:
    return _stage(use).retries > 0


def _by_git(use: Use, _request: Request[Settings]) -> bool:
    return any(name in BY_GIT for name in facts(_stage(use)))


def _others_see(use: Use, request: Request[Settings]) -> bool:
    """Whether files that this stage asks for come into the tree of jobs that don't ask."""
    own = _stage(use).checkout
    jobs = [stage.checkout for stage in request.plan.stages if not stage.is_gate]
    return (own.lfs and not all(each.lfs for each in jobs)) or (own.submodules and not all(each.submodules for each in jobs))


def _gpus(use: Use, request: Request[Settings]) -> bool:
    runner = _stage(use).runner
    return runner is not None and runner.gpus > 0 and pool_of(runner, request.settings) is None


def _labels_unknown(use: Use, request: Request[Settings]) -> bool:
    runner = _stage(use).runner
    return runner is not None and bool(runner.labels) and pool_of(runner, request.settings) is None


def _arm(use: Use, request: Request[Settings]) -> bool:
    runner = _stage(use).runner
    return runner is not None and runner.arch == "arm64" and pool_of(runner, request.settings) is None


def _too_large(use: Use, request: Request[Settings]) -> bool:
    runner = _stage(use).runner
    asks = runner is not None and (runner.cpus is not None or runner.memory is not None)
    return asks and runner is not None and machine_of(runner) is None and pool_of(runner, request.settings) is None


def _size_in_a_pool(use: Use, request: Request[Settings]) -> bool:
    """Whether a size is asked for in a build that runs in a pool, for this stage or another one of the build."""
    runner, opened = _stage(use).runner, opening_gates(request.plan)
    together = [stage.runner for stage in request.plan.stages if stage.runner and opened[stage.name] == opened[_stage(use).name]]
    if runner is None or not any(pool_of(other, request.settings) for other in together):
        return False
    return runner.cpus is not None or runner.memory is not None or runner.arch is not None or runner.gpus > 0


def _several_pools(_use: Use, request: Request[Settings]) -> bool:
    return len(pools(request.plan.stages, request.settings)) > 1


_FORKS = "an outsider's pull request is built once a collaborator comments /gcbrun, and stages that can't run there run in no pull request"

TABLE: Table = {
    "order": Native(),
    "push": Native(),
    "branches": (
        Case(
            "a glob that trunk matches, other than **",
            _trunk_among_others,
            Refused("a trigger's expression can't leave trunk out of a glob", 'name the branches apart from trunk, or use "**"'),
        ),
        Native(),
    ),
    "pull_request": (
        Case("with forks", _forks, Native()),
        Lowered("a trigger can't leave forks out, so a first step ends their builds, and outsiders' wait for a collaborator's /gcbrun"),
    ),
    "forks": (
        Case(
            "secrets, and one account for all builds",
            _one_account,
            Weakened(
                f"{_FORKS}; all that it runs can ask the metadata server for a token of the account, which reads every secret",
                'an account of their own: targets={"cloudbuild": {"pull_request_account": "…"}}',
                shows=("missing-job",),
            ),
        ),
        Weakened(_FORKS, static="no pipeline of the suite names a second account, and without secrets every stage runs for outsiders"),
    ),
    "tag": (
        Case("that delivers", _delivers, Lowered("a step asks git whether the tag's commit is on trunk, and ends the build if not")),
        Native(),
    ),
    "schedule": Lowered("Cloud Scheduler runs the trigger; `pipelinekit setup` prints its commands"),
    "manual": Native(),
    "inputs": (
        Case(
            "free text",
            _typed,
            Weakened(
                "what is typed is a substitution's value, in which `$NAME` is filled in: a dollar is typed as `$$`",
                "give the input choices=",
                shows=("environment",),
            ),
        ),
        Lowered("substitutions of the trigger; a first step refuses what is none of the choices"),
    ),
    "changed": Lowered("a step looks at the changed files, and the job ends green before its setup"),
    "artifacts": (
        Case(
            "across a gate, without a bucket",
            _crosses_without_bucket,
            Refused("the build behind a gate has another machine, and there is no bucket to hand files over", _BUCKET),
        ),
        Case("across a gate", _crosses_gate, Lowered("handed over through the bucket to the build behind the gate")),
        Lowered("all steps share one folder, so each job works in a copy of it and files go through a volume"),
    ),
    "reports": (
        Case(
            "without a bucket",
            _no_bucket,
            Weakened("Cloud Build shows no test reports, and without a bucket they are not kept", _BUCKET, static=_STAYS),
        ),
        Weakened(
            "Cloud Build shows no test reports; they are uploaded to the bucket when their job has passed, if none fails beside it",
            static=_STAYS,
        ),
    ),
    "keep": (
        Case("without a bucket", _no_bucket, Refused("there is no bucket to keep files in", _BUCKET)),
        Weakened("files are kept when their job has passed, and no other fails beside it: after a failure no step runs", static=_STAYS),
    ),
    "cache": (
        Case(
            "without a bucket",
            _no_bucket,
            Weakened("every run starts without caches: there is no bucket", _BUCKET, static="a run without caches does the same"),
        ),
        Lowered("restored from the bucket by a first step and saved by a last one"),
    ),
    "services": (
        Case(
            "jobs with the same alias",
            _shares_alias,
            Weakened(
                "containers of one alias share a network, so their jobs run one after the other",
                static="one after the other is an order that the contract allows",
            ),
        ),
        Lowered("a step before the job starts containers on the network of the steps"),
    ),
    "matrix": Lowered("a step for each cell"),
    "variables": Native(),
    "secrets": (Case("of a stage behind others", _behind_others, _MISSING), Native()),
    "secret_files": Lowered("written to a file of the job's own container"),
    "optional_secrets": Weakened(
        "a secret that is missing in Secret Manager fails the whole build before its first step",
        "store a version that says that there is none",
        shows=("missing-job", "gate", "run"),
    ),
    "gate": (
        Case("stages behind two gates", _joined, Refused("a build is started by one gate", "let one of the two gates need the other")),
        Lowered("what follows is a build of its own, whose trigger needs approval; a step runs that trigger at the same commit"),
    ),
    "gate_timeout": Lowered("a build that is approved too late ends at its first step"),
    "lock": Lowered("a step waits while a build with the lock's tag is running that started earlier"),
    "environment": (
        Case(
            "jobs beside a block",
            _killed,
            Weakened(
                "the first failed job ends the build, and with it a block that is running beside it",
                shows=("commands", "outcome"),
            ),
        ),
        Lowered("a step waits while a build with the environment's tag is running that started earlier"),
    ),
    "block": Lowered("the environment is held from the block's first step to the end of the build"),
    "overtaking": Lowered("a build whose commit is older than one that held the environment stops there"),
    "timeout": (
        Case("with retries", _retried, Lowered("`timeout` in the script bounds each attempt")),
        Native(),
    ),
    "retries": (
        Case(
            "with services",
            _has_services,
            Weakened(
                "further attempts find the services as the first one left them",
                static="what a service holds is no line of a trace",
            ),
        ),
        Lowered("a loop in the script, with a new tree each time"),
    ),
    "allow_failure": Native(),
    "on_failure": Refused(
        "no step runs after a failed one", "subscribe to the Pub/Sub topic cloud-builds, or say allow_failure=True and look yourself"
    ),
    "always": Refused("no step runs after a failed one", "subscribe to the Pub/Sub topic cloud-builds"),
    "cancel_superseded": Weakened("older builds of a pull request go on", static="a trace is of one run"),
    "runner": (
        Case(
            "labels without a pool",
            _labels_unknown,
            Refused(
                "no private pool is named for these labels", 'targets={"cloudbuild": {"pools": {"LABEL": "projects/…/workerPools/…"}}}'
            ),
        ),
        Case("gpus", _gpus, Refused("Cloud Build's machines have no gpus", "run it on another service, started by a step")),
        Case("arm64", _arm, Refused("Cloud Build's machines are amd64", "build for arm64 with docker buildx")),
        Case("more than 32 cores or 32Gi", _too_large, Refused("the largest machine has 32 cores and 32Gi", "a private pool, by a label")),
        Case(
            "several pools",
            _several_pools,
            Refused("a build has one machine, and its stages name different pools", "one pool for all, or two pipelines"),
        ),
        Case(
            "cpus, memory, gpus or architecture beside a pool",
            _size_in_a_pool,
            Weakened(
                "a private pool has the machines that it has: cpus, memory, gpus and architecture are not looked at",
                "name a pool of such machines",
                static="which machine runs a build is no line of a trace",
            ),
        ),
        Lowered("one machine for the whole build, large enough for each of its jobs"),
    ),
    "container": Native(),
    "registry": (Case("of a stage behind others", _behind_others, _MISSING), Native()),
    "bash": Native(),
    "checkout": (
        Case(
            "LFS or submodules of some stages",
            _others_see,
            Weakened(
                "all jobs of the build have these files: they share the checkout",
                static="the repository of the conformance suite has no such files",
            ),
        ),
        Lowered("a first step of git adds it to the checkout, which is shallow"),
    ),
    "facts": Native(),
    "run_facts": Native(),
    "outsiders": (
        Case("author or title", _by_git, Lowered("a step reads author and title from the commit, of a pull request its last one")),
        Native(),
    ),
    "raw": Native(),
}
