"""The whole Jenkinsfile: what stands above the pipeline, its options, parameters and triggers, its stages, and what comes after all."""

import re
from collections.abc import Iterable, Iterator, Sequence

from pipelinekit.model.plan import Event, Input, Plan
from pipelinekit_jenkins import conditions, escape, helpers, raw, scripted, steps
from pipelinekit_jenkins.escape import quoted
from pipelinekit_jenkins.groovy import Call, Code, Comment, Entry, Node, Value, block, call, option, printed, section, within
from pipelinekit_jenkins.work import Work

DAY = 86400

_TEXTS = re.compile(r"'''(?:\\.|[^\\])*?'''|'(?:\\.|[^'\\\n])*'", re.DOTALL)


def pipeline(work: Work, stages: Sequence[Call]) -> Call:
    """The one `pipeline` block."""
    plan = work.plan
    events = work.request.selection.events
    root = block(
        "pipeline",
        call("agent", Code("none")),
        *section("environment", (Entry(name, value) for name, value in plan.variables if escape.is_plain(name, value))),
        block("options", *_options(plan)),
        *section("parameters", _parameters(events)),
        *section("triggers", _triggers(plan, events)),
        block("stages", *stages),
        *section("post", _post(work)),
    )
    return raw.overlay(root, plan.raw.get("jenkins"), raw.PIPELINE)


def _options(plan: Plan) -> Iterator[Call]:
    yield option("skipDefaultCheckout")
    days = [-(-stage.keep_for // DAY) for stage in plan.stages if stage.keep and stage.keep_for]
    if days:
        yield option("buildDiscarder", Call("logRotator", named=(("artifactDaysToKeepStr", str(max(days))),)))


def _parameters(events: Sequence[Event]) -> Iterator[Call]:
    schedules = [event.name for event in events if event.kind == "schedule"]
    manuals = [event.name for event in events if event.kind == "manual"]
    if len(schedules) > 1:
        yield option(
            "choice", name=conditions.SCHEDULE, choices=("", *schedules), description="the schedule that starts the build; empty by hand"
        )
    if len(manuals) > 1:
        yield option("choice", name=conditions.RUN, choices=tuple(manuals), description="what to run")
    yield from (_parameter(given) for given in dict.fromkeys(given for event in events for given in event.inputs))


def _parameter(given: Input) -> Call:
    described: dict[str, Value] = {"description": given.help} if given.help else {}
    if given.choices:
        choices = dict.fromkeys((given.default, *given.choices))
        return option("choice", name=given.variable, choices=tuple(choices), **described)
    return option("string", name=given.variable, defaultValue=given.default, **described)


def _triggers(plan: Plan, events: Sequence[Event]) -> Iterator[Node]:
    """Timers, in UTC, of trunk's job alone: every job of a multibranch project reads this file."""
    schedules = [event for event in events if event.kind == "schedule"]
    if not schedules:
        return
    if len(schedules) == 1:
        name, lines = "cron", _times(schedules[0].cron)
    else:
        name = "parameterizedCron"
        lines = [f"{time} %{conditions.SCHEDULE}={event.name}" for event in schedules for time in _times(event.cron)]
    spec = escape.line("\n".join(("TZ=Etc/UTC", *lines)))
    yield Code(f"{name}(env.BRANCH_NAME == {quoted(plan.trunk)} ? {spec} : '')")


def _times(cron: str) -> list[str]:
    """Days of the month and of the week are either-or in a schedule, both in Jenkins: one line for each."""
    minute, hour, day, month, weekday = cron.split()
    if day.startswith("*") or weekday.startswith("*"):
        return [cron]
    return [f"{minute} {hour} {day} {month} *", f"{minute} {hour} * {month} {weekday}"]


def _post(work: Work) -> Iterator[Call]:
    """Stages after all others. Those that always run come last: what fails among them starts none that run on failures."""
    by_when = {when: [stage for stage in work.plan.stages if stage.when == when] for when in ("always", "on_failure")}
    if by_when["on_failure"]:
        yield block("failure", block("script", *scripted.together(by_when["on_failure"], work)))
    if by_when["always"]:
        yield block("cleanup", block("script", *scripted.together(by_when["always"], work)))


def above(work: Work, body: str) -> Iterator[str]:
    """Functions and properties that stand before the pipeline, those that its text calls alone."""
    events = work.request.selection.events
    known = (
        ("asRoot {", helpers.AS_ROOT),
        ("cached {", _cached(work)),
        ("changes(", helpers.changes(work.settings.label, work.plan.trunk)),
        ("checkoutWithTrunk()", helpers.checkout_with_trunk(work.plan.trunk)),
        ("claim ", helpers.CLAIM),
        ("eventName()", helpers.event(events, work.plan.trunk)),
        ("existing(", helpers.EXISTING),
        ("limited(", helpers.LIMITED),
        ("networkOf(", helpers.NETWORK),
        ("runGraph(", helpers.GRAPH),
        ("secretsInFiles(", helpers.SECRETS_IN_FILES),
    )
    calls = _TEXTS.sub("''", body)
    used: list[str] = []
    for name, function in known:
        if name in calls or any(name in other for other in used):
            used.append(function)
    if work.plan.cancel_superseded:
        yield SUPERSEDED
    yield from reversed(used)


def _cached(work: Work) -> str:
    function = within(steps.keeping(work.shared_caches, work), Code("body()"))
    return "// What a build keeps for the next.\n" + printed([block("def cached(Closure body)", function)])


SUPERSEDED = """\
// A newer build of a pull request ends the older; builds of branches and tags run to their end.
if (env.CHANGE_ID) {
  properties([disableConcurrentBuilds(abortPrevious: true)])
}
"""


def heading(work: Work) -> Iterable[Comment]:
    """What it is, and what starts it."""
    names = [event.slug for event in work.request.selection.events]
    yield Comment(f"{work.plan.name}: {', '.join(names)}")
