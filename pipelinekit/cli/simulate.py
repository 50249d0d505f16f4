"""`pipelinekit simulate`: what a run of the definition would do, by the contract alone. Nothing is executed."""

from collections.abc import Iterator, Sequence

from pipelinekit.cli import say
from pipelinekit.cli.definition import checked, failed
from pipelinekit.cli.scenario import Asked, scenario, without_use
from pipelinekit.cli.table import table
from pipelinekit.diagnostics import DefinitionError
from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit.semantics.interpreter import Run, prepare, secrets_of, simulate
from pipelinekit.semantics.scenario import Happening
from pipelinekit.semantics.trace import Command, Gate, JobEnd, JobSkip, JobStart, RunEnd, Trace, write

_STYLES = {
    "passed": "green",
    "approved": "green",
    "allowed": "yellow",
    "skipped": "dim",
    "failed": "bold red",
    "timeout": "bold red",
    "rejected": "bold red",
}
_ENDS = {"passed": "the run passes", "failed": "the run fails", "stopped": "the run stops before its end"}


def run(*, file: str, json: bool, asked: Asked) -> int:
    """Print the run that `asked` describes. Returns the exit code: 0 whatever comes of the run."""
    try:
        plan, found = checked(file)
    except DefinitionError as error:
        say.lines(error.diagnostics)
        return 1
    say.lines(found)
    if failed(found):
        return 1
    try:
        wanted = scenario(plan, asked)
    except DefinitionError as error:
        say.lines(error.diagnostics)
        return 2
    run = prepare(plan, wanted)
    trace = simulate(plan, wanted)
    say.lines(without_use(run, asked))
    if json:
        print(write([trace]), end="")
    elif run.jobs:
        _told(run, trace)
    else:
        print(f"{happening(plan, wanted.happening)} starts no run")
        print(f"{plan.name} reacts to {'; '.join(event(plan, each) for each in run.selection.events) or 'nothing'}")
    return 0


def happening(plan: Plan, given: Happening) -> str:
    """What happens, in words."""
    match given.kind:
        case "push":
            return f"a push to {given.branch or plan.trunk}"
        case "pull_request":
            whose = "a fork's" if given.fork else "a"
            return f"{whose} pull request of {given.branch} into {given.target or plan.trunk}"
        case "tag":
            return f"the tag {given.tag}{f' beside {plan.trunk}' if given.beside_trunk else ''}"
        case "schedule":
            return f"the schedule {given.name}" if given.name else "a schedule"
        case "manual":
            return f"the manual run {given.name}" if given.name else "a manual run"


def event(plan: Plan, given: Event) -> str:
    """What a pipeline reacts to, in words."""
    match given.kind:
        case "push":
            return f"a push to {', '.join(given.branches) or plan.trunk}"
        case "pull_request":
            return f"a pull request into {plan.trunk}{', of forks too' if given.forks else ''}"
        case "tag":
            return f"a tag {given.tag}"
        case "schedule":
            return f"the schedule {given.name} ({given.cron})"
        case "manual":
            return f"the manual run {given.name}"


def _told(run: Run, trace: Trace) -> None:
    given = run.scenario.happening
    touched = f", which touches {', '.join(given.changed)}" if any(job.only_if for job in run.jobs) and given.changed else ""
    print(f"{happening(run.plan, given)}{touched}\n")
    table(("JOB", "AFTER", "ATTEMPT", "OUTCOME", "REMARK"), list(_rows(run, trace)), styles=_STYLES)
    seen = [each for line in trace if isinstance(line, JobStart) and line.seen and line.attempt == 1 for each in [_seen(run, line)]]
    _filled(("SEES", "SECRETS", "FILES", "SERVICES", "VARIABLES"), [row for row in seen if any(row[1:])])
    ended = trace[-1]
    assert isinstance(ended, RunEnd)
    print(f"\n{_ENDS[ended.outcome]}")


def _filled(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The table without its empty columns, if there is anything in it."""
    shown = [index for index in range(len(columns)) if any(row[index] for row in rows)]
    if rows:
        print()
        table([columns[index] for index in shown], [[row[index] or "-" for index in shown] for row in rows])


def _rows(run: Run, trace: Trace) -> Iterator[tuple[str, str, str, str, str]]:
    """A line for each attempt, each gate and each job that never starts, in the order of time."""
    jobs = {job.name: job for job in run.jobs}
    outcomes: dict[str, str] = {}
    commands: list[Command] = []
    for line in trace:
        match line:
            case Command():
                commands.append(line)
            case JobEnd():
                job = jobs[line.job]
                attempt = f"{line.attempt} of {job.retries + 1}" if job.retries else "1"
                outcomes[line.job] = line.outcome
                yield line.job, _after(job), attempt, line.outcome, _remark(run, job, line, commands)
                commands = []
            case Gate():
                outcomes[line.gate] = line.decision
                yield line.gate, _after(jobs[line.gate]), "-", line.decision, jobs[line.gate].message
            case JobSkip():
                outcomes[line.job] = "passed" if line.why == "unchanged" else "skipped"
                yield line.job, _after(jobs[line.job]), "-", "skipped", _why(run, jobs[line.job], line, outcomes)
            case _:
                pass


def _after(job: Stage) -> str:
    return "all others" if job.is_post else ", ".join(need.stage for need in job.needs) or "-"


def _remark(run: Run, job: Stage, end: JobEnd, commands: Sequence[Command]) -> str:
    missing = [secret.name for secret in secrets_of(job, run) if secret.stored in run.scenario.missing and not secret.optional]
    if missing:
        return f"{', '.join(missing)} is missing"
    last = commands[-1] if commands else None
    if end.outcome == "passed":
        return f"publishes {', '.join(last.published)}" if last and last.published else ""
    if last and last.exit:
        return f"{_command(job, last.index)} ends with {last.exit}"
    bound = f"ends after {job.timeout} s" if job.timeout else "has no timeout, so the system's own ends it"
    return f"{_command(job, last.index + 1 if last else 0)} hangs: the job {bound}"


def _command(job: Stage, index: int) -> str:
    """A command with its number, as `--fail` and the trace count."""
    if job.container:
        return "the container build"
    first, *more = (*job.setup, *job.commands)[index].strip().splitlines() or [""]
    return f"[{index}] {first[:60]}{' …' if more or len(first) > 60 else ''}"


def _why(run: Run, job: Stage, skip: JobSkip, outcomes: dict[str, str]) -> str:
    before = [need.stage for need in job.needs if outcomes.get(need.stage, "passed") not in ("passed", "allowed", "approved")]
    match skip.why:
        case "need":
            return f"{', '.join(before)} did not pass"
        case "gate":
            return f"{', '.join(name for name in run.scenario.rejected if name in outcomes)} was rejected"
        case "overtaken":
            return f"a newer delivery has reached {', '.join(run.scenario.overtaken)}"
        case "beside-trunk":
            return f"the tag's commit is not on {run.plan.trunk}"
        case "unchanged":
            return f"touches nothing of {', '.join(job.only_if)}"
        case "no-failure":
            return "nothing failed"
        case "unknown":
            return ""


def _seen(run: Run, start: JobStart) -> tuple[str, str, str, str, str]:
    """What a job sees: of variables and secrets the names alone."""
    job = next(each for each in run.jobs if each.name == start.job)
    missing = run.scenario.missing
    secrets = [f"{secret.name} (missing)" if secret.stored in missing else secret.name for secret in secrets_of(job, run)]
    files = [f"{path} of {_producer(whose)}" for path, whose in start.inputs.items()]
    return job.name, ", ".join(secrets), ", ".join(files), ", ".join(start.services), ", ".join(start.env)


def _producer(whose: str) -> str:
    job, _, attempt = whose.rpartition("#")
    return job if attempt == "1" else f"{job}, attempt {attempt}"
