"""Which scenarios show what a plan means: each event, each condition both ways, one failing command at a time, each gate both ways.

What would show the same again is left out: a job fails on one event alone, where most of the plan runs; of a matrix one
cell fails; what starts no run is asked of those plans that say something about it.
"""

from collections.abc import Iterator

from pipelinekit.model.features import facts
from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit.model.value import replace
from pipelinekit.semantics.globs import covers, matches
from pipelinekit.semantics.interpreter import Run, commands, prepare, secrets_of
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.semantics.selection import Selection, block, select
from pipelinekit.testing import hostile

DEFAULT = (Event("push"), Event("pull_request"))


def scenarios(plan: Plan) -> tuple[Scenario, ...]:
    """All scenarios of a plan, with names of their own, in the order in which they are best read."""
    found: dict[str, Scenario] = {}
    for scenario in _scenarios(plan):
        found.setdefault(scenario.name, scenario)
    return tuple(found.values())


def _scenarios(plan: Plan) -> Iterator[Scenario]:
    selection = select(plan)
    events = selection.events
    starts = {event: [Scenario(name, happening) for name, happening in happenings(plan, event)] for event in events}
    runs = {event: prepare(plan, starts[event][0]) for event in events}
    widest: dict[str, Event] = {}
    for event in sorted(events, key=lambda event: -len(runs[event].jobs)):
        widest |= {job.name: event for job in runs[event].jobs if job.name not in widest}
    told: set[str] = set()
    for event in events:
        yield from starts[event]
        run = runs[event]
        yield from _of_jobs(run, [job for job in run.jobs if widest[job.name] == event], told)
        names = {job.name for job in run.jobs}
        for environment in plan.environments:
            inside = names & {stage.name for stage in block(run.plan, environment.name)}
            if inside and len(names) > 1 and _new(f"environment {environment.name}", told):
                yield _in(run, f"{environment.name} overtaken", overtaken=(environment.name,))
    for event in events:
        yield from _attacks(plan, event, selection)
    yield from _nothing(plan, events)


def happenings(plan: Plan, event: Event) -> Iterator[tuple[str, Happening]]:
    """What starts a run of an event, with its name: a pull request that touches everything, nothing, a fork's …"""
    match event.kind:
        case "push":
            for branch in [_text(glob) for glob in event.branches] or [""]:
                yield (f"push to {branch}" if branch else "push", Happening("push", branch=branch))
        case "pull_request":
            globs = tuple(dict.fromkeys(glob for stage in plan.stages for glob in stage.only_if))
            everything = tuple(_text(glob) for glob in globs) or ("src/app.py",)
            request = Happening("pull_request", branch="feature/one", changed=everything)
            yield "pull request", request
            if globs:
                others = ("NOTES.md", *(f"other/{path}" for path in everything))
                others = tuple(path for path in others if not any(covers(glob, path) for glob in globs))
                yield "pull request that touches other files", replace(request, changed=others)
            for path in dict.fromkeys(path for glob in globs if len(globs) > 1 for path in (_text(glob), _text(glob.replace("**/", "")))):
                yield f"pull request that touches {path}", replace(request, changed=(path,))
            if event.forks or _telling(plan):
                yield "pull request of a fork", replace(request, fork=True)
        case "tag":
            yield f"tag {_text(event.tag)}", Happening("tag", tag=_text(event.tag))
            yield "tag beside trunk", Happening("tag", tag=_text(event.tag), beside_trunk=True)
        case "schedule":
            yield f"schedule {event.name}", Happening("schedule", name=event.name)
        case "manual":
            given = tuple((each.name, each.choices[-1] if each.choices else "by hand") for each in event.inputs)
            yield f"manual {event.name}", Happening("manual", name=event.name, inputs=given)
            if given:
                yield f"manual {event.name} with its defaults", Happening("manual", name=event.name)


def _attacks(plan: Plan, event: Event, selection: Selection) -> Iterator[Scenario]:
    """Runs in which outsiders have chosen all that the plan has a fact of, a condition on, or an input for."""
    stages = [stage for stage in plan.stages if event in selection.runs(stage)]
    mentioned = frozenset(name for stage in stages for name in facts(stage))
    number = hostile.attacks(mentioned)
    match event.kind:
        case "push" if not event.branches:
            for index in range(hostile.attacks(mentioned - {"PK_BRANCH"})):
                yield _attack("push", index, hostile.of(Happening("push"), mentioned, index))
        case "push" if "PK_BRANCH" in mentioned and "*" in event.branches[0]:
            branch = _text(event.branches[0], hostile.REFS[0])
            yield _attack("push to a branch", 0, Happening("push", branch=branch))
        case "pull_request":
            for index in range(number):
                branch = f"feature/{hostile.REFS[index]}" if "PK_BRANCH" in mentioned else "feature/one"
                request = Happening("pull_request", branch=branch, changed=("src/app.py",))
                yield _attack("pull request", index, hostile.of(request, mentioned, index))
            globs = tuple(dict.fromkeys(glob for stage in stages for glob in stage.only_if if "*" in glob))
            for glob in globs[:1]:
                paths = tuple(_text(glob, name) for name in hostile.FILES)
                request = Happening("pull_request", branch="feature/one", changed=paths)
                yield _attack("pull request with files", 0, request)
        case "tag" if "PK_TAG" in mentioned and "*" in event.tag:
            for index, text in enumerate(hostile.REFS[:2]):
                yield _attack("tag", index, Happening("tag", tag=_text(event.tag, text)))
        case "manual":
            free = [each.name for each in event.inputs if not each.choices]
            for index, text in enumerate(hostile.INPUTS if free else ()):
                given = tuple((name, text) for name in free)
                yield _attack(f"manual {event.name}", index, Happening("manual", name=event.name, inputs=given))


def _attack(what: str, index: int, happening: Happening) -> Scenario:
    return Scenario(f"{what} of an attacker{f', {index + 1}' if index else ''}", happening)


def _text(glob: str, star: str = "1.4") -> str:
    """A text that a glob matches."""
    text = glob.replace("**/", "deep/er/").replace("**", "any/thing" if star == "1.4" else star).replace("*", star)
    return f"{text}file" if text.endswith("/") else text


def _telling(plan: Plan) -> bool:
    """Whether a plan says something of its own about what starts it, or is the smallest of those that don't."""
    own = (
        plan.triggers != DEFAULT
        or any(stage.on is not None for stage in plan.stages)
        or any(e.on != DEFAULT[:1] for e in plan.environments)
    )
    return own or (len(plan.stages) == 1 and len(plan.stages[0].commands) == 1)


def _in(run: Run, what: str, **changes: object) -> Scenario:
    """The scenario of a run with something more to it."""
    return replace(run.scenario, name=f"{run.scenario.name}, {what}", **changes)


def _of_jobs(run: Run, jobs: list[Stage], told: set[str]) -> Iterator[Scenario]:
    """What can go wrong at some jobs of a run. `told` remembers what needs no telling twice."""
    for number, job in enumerate(jobs):
        alike = number + 1 < len(jobs) and jobs[number + 1].origin == job.origin
        if job.is_gate:
            yield _in(run, f"{job.name} rejected", rejected=(job.name,))
        elif job.when == "on_failure":
            for cause in [each for each in run.jobs if not (each.is_gate or each.is_post or each.allow_failure)][:1]:
                yield _in(run, f"{cause.name} and {job.name} fail", failures=(_exit(cause), _exit(job)))
        elif not alike:
            yield _in(run, f"{job.name} fails", failures=(_exit(job),))
            yield from _of_commands(run, job, told)
        for secret in secrets_of(job, run):
            yield replace(run.scenario, name=f"{run.scenario.name} without {secret.stored}", missing=(secret.stored,))


def _of_commands(run: Run, job: Stage, told: set[str]) -> Iterator[Scenario]:
    """What commands can do beside failing at the last of them. A container build has none."""
    if job.container:
        return
    first, last = len(job.setup), commands(job) - 1
    once, times = (1, " once") if job.retries else (None, "")
    if last > first and _new("status", told):
        yield _in(run, f"{job.name} fails at its first command", failures=(Failure(job.name, first, status=78),))
    if job.retries > 1 and _new("once", told):
        yield _in(run, f"{job.name} fails once", failures=(Failure(job.name, last, attempts=1),))
    if job.retries:
        yield _in(run, f"{job.name} fails but the last time", failures=(Failure(job.name, last, attempts=job.retries),))
    if job.timeout and _new(f"hang {job.timeout} {job.retries}", told):
        yield _in(run, f"{job.name} hangs{times}", failures=(Failure(job.name, last, kind="hang", attempts=once),))
    if job.outputs and _new(f"output {once}", told):
        yield _in(run, f"{job.name} makes no output{times}", failures=(Failure(job.name, kind="output", attempts=once),))


def _exit(job: Stage) -> Failure:
    return Failure(job.name, commands(job) - 1)


def _new(what: str, told: set[str]) -> bool:
    if what in told:
        return False
    told.add(what)
    return True


def _nothing(plan: Plan, events: tuple[Event, ...]) -> Iterator[Scenario]:
    """What must not start a run, or not the one that it resembles."""
    if not _telling(plan):
        return
    if not any(event.kind == "push" and not event.branches for event in events):
        yield Scenario("push", Happening("push"))
    branches = tuple(glob for event in events for glob in event.branches)
    for branch in ("other/branch", *(f"{_text(glob)}/deeper" for glob in branches)):
        if not any(matches(glob, branch) for glob in branches):
            yield Scenario(f"push to {branch}", Happening("push", branch=branch))
    if any(event.kind == "pull_request" for event in events):
        yield Scenario("pull request into another branch", Happening("pull_request", branch="feature/one", target="other/branch"))
    else:
        yield Scenario("pull request", Happening("pull_request", branch="feature/one", changed=("src/app.py",)))
    tags = tuple(event.tag for event in events if event.tag)
    if not any(matches(glob, "other-1") for glob in tags):
        yield Scenario("tag that nobody named", Happening("tag", tag="other-1"))
