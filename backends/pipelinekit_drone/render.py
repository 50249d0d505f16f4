"""The file: its pipelines as data, then as text that both of Drone's readers take."""

from collections.abc import Iterator
from typing import Any

from pipelinekit.backend import File, Rendered, Request, merge
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.plan import Stage
from pipelinekit.text.yaml import Commented, Flow, dump_all
from pipelinekit_drone import checkout, containers, jobs, limits, runners, services, store, triggers
from pipelinekit_drone.context import Context, context
from pipelinekit_drone.escape import doubled, literal
from pipelinekit_drone.layout import Document, Layout, layout
from pipelinekit_drone.settings import Settings
from pipelinekit_drone.setup import parameters


def render(request: Request[Settings]) -> Rendered:
    """The pipeline file, notes on what the table can't see, and errors where a text is too long or has no spelling."""
    parts = layout(request)
    contexts = [context(request, parts, document) for document in parts.documents]
    for each in contexts:
        yield from _notes(each)
    broken = [*limits.of_plan(request, contexts), *(found for each in contexts for found in limits.of_context(each))]
    if broken:
        yield from dict.fromkeys(broken)
        return
    documents = [_pipeline(each) for each in contexts]
    try:
        text = dump_all(
            documents, header=[doubled(line) for line in request.header], indent_sequences=False, blank_between=1, escapes=False
        )
    except ValueError as error:
        yield limits.of_writer(error, request)
        return
    yield from limits.of_text(text)
    yield File(request.settings.file, text)


def _pipeline(context: Context) -> object:
    """One document, in the order in which a reader asks: what it is, when it runs, what it is made of."""
    document, plan = context.document, context.layout.plan
    clone = checkout.clone(context)
    schedules = [event.name for event in context.layout.selection.events if event.kind == "schedule"]
    data: dict[str, Any] = {"kind": "pipeline", "type": "docker", "name": document.name}
    data |= runners.place(document)
    if document.depends_on:
        data["depends_on"] = Flow(list(document.depends_on))
    data["trigger"] = triggers.trigger(document, plan, schedules)
    if document.environment or any(stage.lock for stage in document.stages):
        data["concurrency"] = {"limit": 1}
    if clone:
        data["clone"] = {"disable": True}
    if _beside(context):
        data["workspace"] = {"base": "/drone", "path": "src"}
    if plan.variables and not context.services:
        data["environment"] = dict(plan.variables)
    if context.services:
        data["services"] = [services.service(value) for value in context.services]
    data = literal(data)
    data["steps"] = [*([literal(clone)] if clone else []), *_steps(context)]
    store.written_once(data["steps"], context.settings)
    comment = _comment(document, context.layout)
    for raw in (document.gate.raw if document.gate else {}, plan.raw):
        data = merge(data, raw.get("drone"))
    return Commented(data, doubled(comment)) if comment else data


def _beside(context: Context) -> bool:
    """Whether something lies beside the tree: the workspace is the one volume that plugins may see."""
    folders = (checkout.changes(context), context.hands_over(), context.keeps_any())
    return any(folders) or any(containers.folder(stage, context) for stage in context.document.stages if stage.container)


def _comment(document: Document, parts: Layout) -> str:
    """What a person does or finds: the question of a gate, the inputs of a manual run, the place that is deployed to."""
    lines = []
    told = {event for other in parts.documents if other.name in document.depends_on for event in other.events}
    if document.gate:
        lines.append(document.gate.message)
        lines.append(f"    drone build promote OWNER/NAME BUILD {document.target}")
    for event in document.events if not document.gate else ():
        if event in told:
            continue
        if event.kind == "schedule":
            lines.append(f"{event.name}: {event.cron}, UTC")
        if event.kind == "manual":
            lines.append(f"{event.name}, by hand:")
            lines.append(f"    drone build create --branch {parts.plan.trunk}{parameters(event)} OWNER/NAME")
            lines += [_input(value.variable, value.help, value.choices) for value in event.inputs]
    if document.environment and (document.environment.url or document.environment.config):
        lines.append(f"{document.environment.name}: " + ", ".join(filter(None, (document.environment.url, document.environment.config))))
    return "\n".join(lines)


def _input(name: str, help: str, choices: tuple[str, ...]) -> str:
    return f"{name}: " + "; ".join(filter(None, (help.replace("\n", " "), ", ".join(choices))))


def _steps(context: Context) -> Iterator[dict[str, Any]]:
    """Every step stands behind those that it depends on, and names them: without, a step starts right after the clone."""
    gate, fetch, changes = store.demand(context), store.fetch(context), checkout.changes(context)
    first = [step for step in (changes, fetch) if step]
    roots = ["clone"]
    if gate:
        yield literal(gate)
        roots = [gate["name"]]
    for step in first:
        step["depends_on"] = Flow(roots)
        yield literal(_ordered(step))
    if fetch and context.shares:
        roots = [fetch["name"]]
    for service in context.services:
        yield literal(services.ready(service, context))
    done: list[str] = []
    for stage in context.document.stages:
        after = list(dict.fromkeys(_after(stage, context, done, first))) or roots
        preparation = containers.preparation(stage, context) if stage.container else None
        if preparation:
            yield literal(_ordered(preparation | {"depends_on": Flow(after)}))
            after = [preparation["name"]]
        yield jobs.step(stage, after, context)
        done.append(context.steps[stage.name])
    for last in (store.store(context), store.mark(context), store.keep(context, done)):
        if last:
            yield literal(last)


def _ordered(step: dict[str, Any]) -> dict[str, Any]:
    keys = ("name", "image", "depends_on", "environment", "commands", "failure", "when")
    return {key: step[key] for key in keys if key in step}


def _after(stage: Stage, context: Context, done: list[str], first: list[dict[str, Any]]) -> Iterator[str]:
    """The steps before a job: those of its needs, the jobs that its services or its lock are in use by, our own."""
    if stage.is_post:
        yield from done
        yield from services.before(stage, context)
        return
    yield from (context.steps[need.stage] for need in stage.needs if need.stage in context.document.runs)
    importing = [other for others in context.imports().values() for other in others if not context.shares]
    for step in first:
        if (stage in importing and step["name"].startswith("fetch-artifacts")) or (stage.only_if and step["name"].startswith("changes")):
            yield step["name"]
    yield from services.before(stage, context)
    if stage.lock:
        locked = [other.name for other in context.document.stages if other.lock == stage.lock]
        if locked.index(stage.name):
            yield context.steps[locked[locked.index(stage.name) - 1]]


def _notes(context: Context) -> Iterator[Diagnostic]:
    document = context.document
    for stage in document.stages:
        name = context.steps[stage.name]
        if name != stage.name:
            message = f"{stage.name} is the step {name}: a service of the pipeline has its name"
            yield Diagnostic("PK1405", "note", message, "", stage.source, feature="services", stage=stage.name)
