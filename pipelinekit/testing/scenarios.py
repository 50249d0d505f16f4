"""Which scenarios show what a plan means: each event, each condition both ways, one failing command at a time, each gate both ways."""

from collections.abc import Iterator

from pipelinekit.model.plan import Event, Plan, Stage
from pipelinekit.model.value import replace
from pipelinekit.semantics.interpreter import Run, commands, prepare, secrets_of
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.semantics.selection import block, select


def scenarios(plan: Plan) -> tuple[Scenario, ...]:
    """All scenarios of a plan, with names of their own, in the order in which they are best read."""
    found: dict[str, Scenario] = {}
    for scenario in _scenarios(plan):
        found.setdefault(scenario.name, scenario)
    return tuple(found.values())


def _scenarios(plan: Plan) -> Iterator[Scenario]:
    events = select(plan).events
    for event in events:
        for name, happening in happenings(plan, event):
            base = Scenario(name, happening)
            run = prepare(plan, base)
            yield base
            yield from _of_run(run, base, first=event == events[0] or _rare(event))
    yield from _nothing(events)


def happenings(plan: Plan, event: Event) -> Iterator[tuple[str, Happening]]:
    """What starts a run of an event, with its name: a pull request that touches everything, nothing, a fork's …"""
    match event.kind:
        case "push":
            branch = _text(event.branches[0]) if event.branches else ""
            yield (f"push to {branch}" if branch else "push", Happening("push", branch=branch))
        case "pull_request":
            globs = tuple(dict.fromkeys(glob for stage in plan.stages for glob in stage.only_if))
            everything = tuple(_text(glob) for glob in globs) or ("src/app.py",)
            request = Happening("pull_request", branch="feature/one", changed=everything)
            yield "pull request", request
            if globs:
                yield "pull request that touches other files", replace(request, changed=("NOTES.md",))
            for glob in globs if len(globs) > 1 else ():
                yield f"pull request that touches {glob}", replace(request, changed=(_text(glob),))
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


def _text(glob: str) -> str:
    """A text that a glob matches."""
    return glob.replace("**/", "deep/er/").replace("**", "any/thing").replace("*", "1.4")


def _rare(event: Event) -> bool:
    return event.kind in ("tag", "manual")


def _of_run(run: Run, base: Scenario, *, first: bool) -> Iterator[Scenario]:
    """What can go wrong in a run. On events after the first only what is theirs: the same jobs fail there the same way."""
    for job in run.jobs:
        if job.is_gate:
            yield replace(base, name=f"{base.name}, {job.name} rejected", rejected=(job.name,))
        elif first:
            yield from _of_job(run, job, base)
    if first and len([job for job in run.jobs if not job.is_gate]) > 1:
        yield from _of_blocks(run, base)


def _of_job(run: Run, job: Stage, base: Scenario) -> Iterator[Scenario]:
    failed = f"{base.name}, {job.name} fails"
    last = commands(job) - 1
    yield replace(base, name=failed, failures=(Failure(job.name, last),))
    if last > 0 and not job.matrix and len(job.commands) > 1:
        yield replace(base, name=f"{failed} at its first command", failures=(Failure(job.name, len(job.setup), status=78),))
    if job.retries and not job.container:
        yield replace(base, name=f"{failed} once", failures=(Failure(job.name, last, attempts=1),))
        yield replace(base, name=f"{failed} but the last time", failures=(Failure(job.name, last, attempts=job.retries),))
    if job.timeout and not job.container:
        yield replace(base, name=f"{base.name}, {job.name} hangs", failures=(Failure(job.name, last, kind="hang"),))
    if job.outputs and not job.container:
        yield replace(base, name=f"{base.name}, {job.name} makes no output", failures=(Failure(job.name, kind="output"),))
    for secret in secrets_of(job, run):
        yield replace(base, name=f"{base.name} without {secret.stored}", missing=(secret.stored,))


def _of_blocks(run: Run, base: Scenario) -> Iterator[Scenario]:
    for environment in run.plan.environments:
        if any(stage in run.jobs for stage in block(run.plan, environment.name)):
            name = f"{base.name}, {environment.name} overtaken"
            yield replace(base, name=name, overtaken=(environment.name,))


def _nothing(events: tuple[Event, ...]) -> Iterator[Scenario]:
    """What must not start a run, or not the one that it resembles."""
    yield Scenario("push to a branch that nobody named", Happening("push", branch="other/branch"))
    if not any(event.kind == "pull_request" for event in events):
        yield Scenario("pull request", Happening("pull_request", branch="feature/one", changed=("src/app.py",)))
    else:
        yield Scenario("pull request into another branch", Happening("pull_request", branch="feature/one", target="other/branch"))
    yield Scenario("tag that nobody named", Happening("tag", tag="nobody-1"))
