"""The contract as code: from a plan and a scenario to the trace of the run. Pure; nothing is executed.

Jobs start in the plan's order, one after the other: one of the orders that the contract allows (`agreement` says which it demands).
"""

from collections.abc import Iterator, Mapping

from pipelinekit.model.features import facts
from pipelinekit.model.plan import Event, Plan, Secret, Stage
from pipelinekit.model.value import field, value
from pipelinekit.semantics.globs import covers, matches
from pipelinekit.semantics.matrix import unroll
from pipelinekit.semantics.scenario import Happening, Scenario
from pipelinekit.semantics.selection import Selection, block, delivers, select
from pipelinekit.semantics.trace import (
    Command,
    Decision,
    Gate,
    JobEnd,
    JobSkip,
    JobStart,
    Line,
    Outcome,
    RunEnd,
    RunOutcome,
    RunStart,
    Trace,
    Why,
)

ANY = "*"
"""The value of a fact of which the contract promises only that it is there: its spelling is the system's."""


@value
class World:
    """What a run is told of its surroundings."""

    sha: str = "3b1c9f2e7d5a4c6088f1e2d3b4a5968778695a4b"
    title: str = 'Say "hello", it\'s time'
    author: str = ANY
    repository: str = "acme/widget"
    pull_request: str = "7"
    run_id: str = ANY
    run_url: str = ANY


@value
class Run:
    """A plan whose matrices are unrolled, in a scenario, with what the event selects: the ground on which jobs are looked at."""

    plan: Plan
    scenario: Scenario
    event: Event | None
    jobs: tuple[Stage, ...]
    selection: Selection
    names: frozenset[str] = frozenset()
    world: World = field(default_factory=World)


def event_of(plan: Plan, selection: Selection, happening: Happening) -> Event | None:
    """The event of the plan that a happening is, or None: `check` makes sure that it is never two."""
    return next((event for event in selection.events if _is(event, happening, plan.trunk)), None)


def _is(event: Event, happening: Happening, trunk: str) -> bool:
    if event.kind != happening.kind:
        return False
    if event.kind == "push":
        branch = happening.branch or trunk
        return any(matches(glob, branch) for glob in event.branches) and branch != trunk if event.branches else branch == trunk
    if event.kind == "pull_request":
        return (happening.target or trunk) == trunk and (event.forks or not happening.fork)
    if event.kind == "tag":
        return matches(event.tag, happening.tag)
    return event.name == happening.name


def prepare(plan: Plan, scenario: Scenario, world: World | None = None) -> Run:
    """The run's jobs: the cells of the stages that the event selects, in the plan's order."""
    selection = select(plan)
    event = event_of(plan, selection, scenario.happening)
    cells = unroll(plan)
    jobs: tuple[Stage, ...] = ()
    if event is not None:
        forked = scenario.happening.fork
        jobs = tuple(s for s in cells.stages if selection.selects(event, s) and (not forked or selection.in_forks(s)))
    return Run(cells, scenario, event, jobs, selection, declared(cells), world or World())


def declared(plan: Plan) -> frozenset[str]:
    """Every name that some job of the plan sees: variables, secrets and facts. Inputs are promised to manual runs, denied to none."""
    names = {name for name, _ in plan.variables}
    for stage in plan.stages:
        names.update(facts(stage))
        names.update(name for name, _ in stage.variables)
        names.update(secret.name for secret in stage.secrets)
    return frozenset(names)


def simulate(plan: Plan, scenario: Scenario, world: World | None = None) -> Trace:
    """The trace of one run of `plan`, by the contract alone. The plan is one in which `check` finds no error."""
    return tuple(_run(prepare(plan, scenario, world)))


def _run(run: Run) -> Iterator[Line]:
    yield RunStart(run.scenario.happening.kind, run.world.sha, "reference", run.scenario)
    held = _held(run)
    ended: dict[str, str] = {}
    contents: dict[str, int] = {}
    ordinary = [job for job in run.jobs if not job.is_post]
    for job in ordinary:
        why = held.get(job.name) or _blocked(job, ended)
        if why:
            ended[job.name] = why
            yield JobSkip(job.name, why)
        elif job.is_gate:
            decision: Decision = "rejected" if job.name in run.scenario.rejected else "approved"
            ended[job.name] = "passed" if decision == "approved" else "gate"
            yield Gate(job.name, decision)
        elif _unchanged(job, run):
            ended[job.name] = "passed"
            yield JobSkip(job.name, "unchanged")
        else:
            outcome, lines = _job(job, run, contents)
            ended[job.name] = outcome
            yield from lines
    failed = any(outcome in ("failed", "timeout") for outcome in ended.values())
    for job in run.jobs:
        if not job.is_post:
            continue
        if job.when == "on_failure" and not failed:
            ended[job.name] = "no-failure"
            yield JobSkip(job.name, "no-failure")
        else:
            ended[job.name], lines = _job(job, run, contents)
            yield from lines
    yield RunEnd(_outcome(run, ended))


def _outcome(run: Run, ended: Mapping[str, str]) -> RunOutcome:
    if not run.jobs:
        return "nothing"
    if any(outcome in ("failed", "timeout") for outcome in ended.values()):
        return "failed"
    return "stopped" if any(outcome in ("gate", "overtaken", "beside-trunk") for outcome in ended.values()) else "passed"


def _held(run: Run) -> dict[str, Why]:
    """Jobs that a newer delivery, or a tag beside trunk, keeps from starting."""
    held: dict[str, Why] = {}
    for name in run.scenario.overtaken:
        for stage in block(run.plan, name):
            held[stage.name] = "overtaken"
    if run.scenario.happening.beside_trunk and run.event is not None and delivers(run.plan, run.event):
        for stage in run.plan.stages:
            if stage.environment or stage.container:
                held[stage.name] = "beside-trunk"
    return held


def _blocked(job: Stage, ended: Mapping[str, str]) -> Why | None:
    """Why a job can't start: what it needs didn't pass, or was turned down."""
    for need in job.needs:
        outcome = ended.get(need.stage, "passed")
        if outcome == "gate":
            return "gate"
        if outcome in ("overtaken", "beside-trunk"):
            return "overtaken" if outcome == "overtaken" else "beside-trunk"
        if outcome not in ("passed", "allowed"):
            return "need"
    return None


def _unchanged(job: Stage, run: Run) -> bool:
    happening = run.scenario.happening
    if not job.only_if or happening.kind != "pull_request":
        return False
    return not any(covers(glob, path) for glob in job.only_if for path in happening.changed)


def _job(job: Stage, run: Run, contents: dict[str, int]) -> tuple[Outcome, list[Line]]:
    """All attempts of one job. `contents` remembers the attempt that made a job's outputs."""
    lines: list[Line] = []
    outcome: Outcome = "failed"
    for attempt in range(1, job.retries + 2):
        outcome, own = _attempt(job, run, attempt, contents)
        lines += own
        if outcome in ("passed", "allowed") or _missing(job, run):
            break
    if outcome != "passed" and job.allow_failure:
        last = lines[-1]
        assert isinstance(last, JobEnd)
        lines[-1] = JobEnd(job.name, "allowed", last.attempt)
        outcome = "allowed"
    return outcome, lines


def _attempt(job: Stage, run: Run, attempt: int, contents: dict[str, int]) -> tuple[Outcome, list[Line]]:
    if _missing(job, run):
        return "failed", [JobStart(job.name, attempt, seen=False), JobEnd(job.name, "failed", attempt)]
    lines: list[Line] = [_start(job, run, attempt, contents)]
    failure = run.scenario.failure(job.name, attempt)
    for index in range(commands(job)):
        if failure and failure.index == index and failure.kind == "hang":
            return "timeout", [*lines, JobEnd(job.name, "timeout", attempt)]
        exits = failure.status if failure and failure.index == index and failure.kind == "exit" else 0
        published = _published(job, run) if not exits else ()
        lines.append(Command(job.name, index, exits, attempt, published))
        if exits:
            return "failed", [*lines, JobEnd(job.name, "failed", attempt)]
    if failure and failure.kind == "output":
        return "failed", [*lines, JobEnd(job.name, "failed", attempt)]
    contents[job.name] = attempt
    made = dict.fromkeys(handed(job, run.plan), f"{job.name}#{attempt}")
    return "passed", [*lines, JobEnd(job.name, "passed", attempt, made)]


def commands(job: Stage) -> int:
    """How many commands a job has; a container build counts as one."""
    return 1 if job.container else len(job.setup) + len(job.commands)


def handed(job: Stage, plan: Plan) -> tuple[str, ...]:
    """What a job hands out: its declared outputs, and the parts of them that others ask for."""
    asked = (path for other in plan.stages for need in other.needs if need.stage == job.name for path in need.paths)
    return tuple(dict.fromkeys((*job.outputs, *asked)))


def _missing(job: Stage, run: Run) -> bool:
    return any(secret.stored in run.scenario.missing and not secret.optional for secret in secrets_of(job, run))


def secrets_of(job: Stage, run: Run) -> tuple[Secret, ...]:
    """The secrets that a job takes: those that it names, and to publish an image its registry's."""
    if not _publishes(job, run) or job.container is None or job.container.registry is None:
        return job.secrets
    registry = job.container.registry
    return (*job.secrets, *(secret for secret in (registry.username, registry.password) if secret))


def _publishes(job: Stage, run: Run) -> bool:
    return job.container is not None and run.event is not None and delivers(run.plan, run.event)


def _published(job: Stage, run: Run) -> tuple[str, ...]:
    if job.container is None or not _publishes(job, run):
        return ()
    return tuple(_spelled(ref, run.world.sha) for ref in job.container.refs)


def _start(job: Stage, run: Run, attempt: int, contents: Mapping[str, int]) -> JobStart:
    inputs = {path: f"{need.stage}#{contents[need.stage]}" for need in job.needs for path in need.paths if need.stage in contents}
    if job.container:
        return JobStart(job.name, attempt, inputs=inputs)
    env = environment(job, run)
    secrets = {s.name: "absent" if s.stored in run.scenario.missing else "present" for s in job.secrets}
    absent = tuple(sorted(run.names - set(env) - set(secrets)))
    services = tuple(f"{service.alias}:{service.port}" for service in job.services)
    return JobStart(job.name, attempt, env, secrets, absent, inputs, services)


def environment(job: Stage, run: Run) -> dict[str, str]:
    """The declared variables of a job with their values: the pipeline's, the stage's, its cell's, a manual run's inputs, its facts."""
    known = facts_of(job, run)
    env = dict(run.plan.variables)
    if run.event is not None and run.event.kind == "manual":
        given = dict(run.scenario.happening.inputs)
        env |= {each.variable: given.get(each.name, each.default) for each in run.event.inputs}
    env |= dict(job.variables)
    return env | {name: known[name] for name in facts(job)}


def facts_of(job: Stage, run: Run) -> dict[str, str]:
    """Every fact of a run, as this job would see it."""
    happening, world, trunk = run.scenario.happening, run.world, run.plan.trunk
    pull_request = happening.kind == "pull_request"
    return {
        "PK_SHA": world.sha,
        "PK_SHORT_SHA": world.sha[:8],
        "PK_EVENT": happening.kind,
        "PK_BRANCH": "" if happening.kind == "tag" else happening.branch or trunk,
        "PK_TARGET_BRANCH": (happening.target or trunk) if pull_request else "",
        "PK_TAG": happening.tag,
        "PK_PULL_REQUEST": world.pull_request if pull_request else "",
        "PK_RUN_ID": world.run_id,
        "PK_RUN_URL": world.run_url,
        "PK_AUTHOR": happening.author or world.author,
        "PK_TITLE": happening.title or world.title,
        "PK_REPOSITORY": world.repository,
        "PK_ENVIRONMENT": job.environment or "",
    }


def _spelled(text: str, sha: str) -> str:
    return text.replace("${PK_SHA}", sha).replace("${PK_SHORT_SHA}", sha[:8])
