"""What Concourse makes of each feature. Its vendor's pages, and the resources' own readme files, are the source of each reason."""

from collections.abc import Callable
from typing import TypeVar

from pipelinekit.backend import Case, Lowered, Native, Refused, Request, Table, Unsafe, Weakened
from pipelinekit.model.features import Use
from pipelinekit_concourse import schedule
from pipelinekit_concourse.layout import adds_order, blocks, chains, ends_at_once, handovers, holds_gate, shares
from pipelinekit_concourse.settings import Settings

_Request = Request[Settings]
_T = TypeVar("_T")


def _of_plan(question: Callable[[_Request], _T]) -> Callable[[Use, _Request], _T]:
    """A question on the whole plan, which is answered once for all uses."""
    kept: list[tuple[_Request, _T]] = []

    def answer(_: Use, request: _Request) -> _T:
        if not kept or kept[0][0] is not request:
            kept[:] = [(request, question(request))]
        return kept[0][1]

    return answer


def _not_github(_: Use, request: _Request) -> bool:
    return request.settings.host != "github"


@_of_plan
def _fork_runs_lack_stages(request: _Request) -> bool:
    return any(
        event.kind == "pull_request" and event in request.selection.runs(stage) and not request.selection.in_forks(stage)
        for event in request.selection.events
        for stage in request.plan.stages
    )


def _no_cron_form(use: Use, _: _Request) -> bool:
    return use.event is not None and schedule.source(use.event.cron) is None


@_of_plan
def _crosses_gate(request: _Request) -> bool:
    return any(holds_gate(unit) for chain in chains(request) for unit in chain.units)


@_of_plan
def _files_stay(request: _Request) -> bool:
    return not any(need.paths for chain in chains(request) for stage in chain.plan.stages for need in stage.needs)


def _in_bucket(_: Use, request: _Request) -> bool:
    return bool(request.settings.bucket)


@_of_plan
def _files_add_order(request: _Request) -> bool:
    return any(adds_order(chain, handovers(chain)) for chain in chains(request))


@_of_plan
def _block_adds_order(request: _Request) -> bool:
    return any(adds_order(chain, blocks(chain)) for chain in chains(request))


def _in_docker(_: Use, request: _Request) -> bool:
    return request.settings.services == "docker"


@_of_plan
def _delivers_with_others(request: _Request) -> bool:
    return any(shares(chain, unit) for chain in chains(request) for unit in blocks(chain))


@_of_plan
def _several_deliveries(request: _Request) -> bool:
    return any(len(environment.on) > 1 for environment in request.plan.environments)


@_of_plan
def _overlaps(request: _Request) -> bool:
    return not all(ends_at_once(chain) for chain in chains(request) if chain.after)


@_of_plan
def _held_for(request: _Request) -> frozenset[str]:
    """The locks that a job holds for one of its stages while another, that doesn't ask for it, waits or runs."""
    units = [(*unit.stages, *chain.after) for chain in chains(request) for unit in chain.units if not unit.is_gate]
    return frozenset(stage.lock for stages in units for stage in stages if stage.lock and any(one.lock != stage.lock for one in stages))


def _holds_longer(use: Use, request: _Request) -> bool:
    return bool(use.stage and use.stage.lock in _held_for(use, request))


def _no_tag_for_runner(use: Use, request: _Request) -> bool:
    runner = use.stage.runner if use.stage else None
    return bool(runner and (runner.gpus or (runner.arch and runner.arch not in request.settings.arch_tags)))


def _runner_by_size(use: Use, _: _Request) -> bool:
    runner = use.stage.runner if use.stage else None
    return bool(runner and (runner.cpus or runner.memory))


# A version that no job has taken yet is a run that waits, and a newer one may overtake it: nothing is lost that the meaning
# of a push holds. Taking each version instead (`version: every`) would run every commit of a push.
_OVERTAKEN = "Concourse looks once a minute, unless a webhook calls, and takes the newest commit: an older one that waited is overtaken"

_WAITS = "jobs only wait longer: their order is one that the contract allows"
_EACH_END = "runs at the end of each failed job, while others may still run"
_UNSEEN = "what is kept once a job has ended is in no trace"

TABLE: Table = {
    "order": Native(),
    "push": Lowered(_OVERTAKEN, 'a webhook makes it ask at once: targets={"concourse": {"webhook_token": "…"}}'),
    "branches": Refused("a resource follows one branch", "set the pipeline once more for the branch, with another trunk="),
    "pull_request": (
        Case(
            "not on GitHub",
            _not_github,
            Refused("GitLab's resource merges, takes another commit than the run's, and leaves its token in the tree"),
        ),
        Weakened(
            "a commit older than the newest that any pull request had starts no run, such as one that was pushed long after it was made",
            "git commit --amend --no-edit dates it anew",
            static="a scenario has one pull request; a test of the resource's rules has two",
        ),
    ),
    "forks": (
        Case(
            "stages that forks must not run",
            _fork_runs_lack_stages,
            Weakened(
                "forks can't be told from other pull requests: "
                "once some stages take forks, those that don't, or name a secret, run in none",
                shows=("missing-job",),
            ),
        ),
        Weakened(
            "a fork's branch of trunk's own name can't be checked out: its run fails before any command",
            "ask contributors for branches",
            static="no scenario has a fork's branch of that name; a test of the resource's rules has",
        ),
    ),
    "tag": Weakened(
        "a tag on a commit older than the last tag's, or not on trunk, starts no run", "tag in trunk's order", shows=("missing-job", "run")
    ),
    "schedule": (
        Case(
            "a cron line that is no time of day, days of the week or interval",
            _no_cron_form,
            Refused("the time resource has no form for it", "a daily, weekly, hourly or every-so-many-minutes line"),
        ),
        Weakened(
            "the run starts within the hour after the time, or once an interval, at a moment of the time resource's choice",
            static="no scenario looks at the clock",
        ),
    ),
    "manual": Native(),
    "inputs": Refused(
        "Concourse has no parameters for one run", "an on.manual() for each choice, with variables=, or a setting in the repository"
    ),
    "changed": Lowered("the job starts, and ends green before setup when the list of changed files has no match"),
    "artifacts": (
        Case("nobody asks for the files", _files_stay, Native()),
        Case("in a bucket", _in_bucket, Lowered("packed into the bucket, as a version that stays with its commit")),
        Case(
            "across a gate",
            _crosses_gate,
            Refused("files don't outlive a job, and a gate lies between", 'targets={"concourse": {"bucket": "…"}}'),
        ),
        Case(
            "stages that share a job wait for one another",
            _files_add_order,
            Weakened(
                "files don't outlive a job: stages that hand some on share one, and wait for all that any of them needs",
                'or a store: targets={"concourse": {"bucket": "…"}}',
                static=_WAITS,
            ),
        ),
        Lowered("stages that hand files on are tasks of one job"),
    ),
    "reports": Weakened("Concourse keeps a job's log alone: reports are left behind", "print a summary", static=_UNSEEN),
    "keep": Weakened(
        "Concourse keeps a job's log alone: files are not kept, for no time", "copy them to a store in a command", static=_UNSEEN
    ),
    "cache": Weakened(
        "kept by each worker for itself, and whatever the key's files hold: an older cache may be there",
        static="a cache may be absent or old: a trace looks at none",
    ),
    "services": (
        Case("services on docker", _in_docker, Lowered("Docker in a privileged task runs the services, and the job beside them")),
        Refused("Concourse has no services", 'targets={"concourse": {"services": "docker"}} runs them in a privileged task'),
    ),
    "matrix": Native(),
    "variables": Native(),
    "secrets": Native(),
    "secret_files": Lowered("the script writes the value to a file that ends with the container"),
    "optional_secrets": Weakened(
        "a key that the store doesn't have errors the build",
        "store an empty value for it",
        shows=("commands", "outcome", "missing-job", "gate", "run"),
    ),
    "gate": Native(),
    "gate_timeout": Lowered("a clock in the job before the gate: an approval that comes too late fails the gate"),
    "lock": (
        Case(
            "its job has stages that don't ask for it",
            _holds_longer,
            Weakened(
                "only a job holds a lock, from its start to its end: stages that share the job, or that this one follows, wait too",
                static=_WAITS,
            ),
        ),
        Native(),
    ),
    "environment": Native(),
    "block": (
        Case(
            "its stages wait for one another",
            _block_adds_order,
            Weakened("the block is one job: its stages wait for all that any of them needs", static=_WAITS),
        ),
        Lowered("the block is one job, its stages are tasks"),
    ),
    "overtaking": (
        Case(
            "an environment with several deliveries",
            _several_deliveries,
            Unsafe(
                "versions keep their order within the chain of one event, not between the chains of two",
                "one delivery for each environment",
                shows=("extra-job", "missing-job"),
            ),
        ),
        Case(
            "stages that hand files to a delivery share its job",
            _delivers_with_others,
            Lowered("a newer commit overtakes them together: stages that hand a delivery its files are in its job", shows=("missing-job",)),
        ),
        Native(),
    ),
    "timeout": Native(),
    "retries": Native(),
    "allow_failure": Native(),
    "on_failure": (
        Case("jobs may overlap", _overlaps, Unsafe(_EACH_END, shows=("order", "attempts"))),
        Lowered("a hook of each job: jobs that come one after the other end the run when one fails"),
    ),
    "always": (
        Case("jobs may overlap", _overlaps, Unsafe(_EACH_END, shows=("order", "attempts"))),
        Lowered("a hook of the last job, and of the others when they fail"),
    ),
    "cancel_superseded": Weakened("a run that has started goes on to its end", static="a trace is of one run"),
    "runner": (
        Case(
            "gpus, or an architecture without a tag",
            _no_tag_for_runner,
            Refused("workers are chosen by tags alone", 'a label: Runner("gpu"); or targets={"concourse": {"arch_tags": {"arm64": "…"}}}'),
        ),
        Case(
            "cpus or memory",
            _runner_by_size,
            Weakened("workers aren't chosen by size: the container's limits are set", static="which machine runs a job is in no trace"),
        ),
        Native(),
    ),
    "container": Native("the oci-build task, privileged"),
    "registry": Native(),
    "bash": Native(),
    "checkout": Native(),
    "facts": Native(),
    "run_facts": Refused("tasks are told neither number nor page of their build", "a resource's put sees $BUILD_URL"),
    "outsiders": Native(),
    "raw": Native("merged into the stage's job, or the document"),
}
