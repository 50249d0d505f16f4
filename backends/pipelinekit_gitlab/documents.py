"""The files: the pipeline itself, and a child pipeline for each environment with several stages."""

from typing import Any

from pipelinekit.backend import File, Request, merge
from pipelinekit.model.plan import Input, Stage
from pipelinekit.model.value import value
from pipelinekit.text.yaml import Flow, dump_all
from pipelinekit_gitlab import caches, columns, conditions, defaults, escape, jobs, needs, rules
from pipelinekit_gitlab.layout import Layout, child_file
from pipelinekit_gitlab.settings import Settings

FILE = ".gitlab-ci.yml"


@value
class Document:
    """A file before it is written. `given` are the variables that hold its inputs."""

    path: str
    inputs: tuple[Input, ...]
    given: dict[str, Any]
    body: dict[str, Any]


def all_of(layout: Layout) -> list[Document]:
    """The pipeline itself, and the child pipelines."""
    return [_pipeline(layout), *(_child(layout, environment) for environment in layout.blocks)]


def written(document: Document, request: Request[Settings]) -> File:
    """The file, with the definition's raw parts."""
    body = merge(document.body, request.plan.raw.get("gitlab")) if document.path == FILE else document.body
    return File(document.path, dump_all([*_spec(document.inputs), body], header=request.header, blank_between=1))


def _pipeline(layout: Layout) -> Document:
    """`.gitlab-ci.yml`."""
    given = manual_variables(layout)
    order, made = _parent_jobs(layout)
    body: dict[str, Any] = {
        "workflow": {"auto_cancel": {"on_new_commit": "none"}, "rules": rules.of_workflow(layout)},
        **_body(layout, order, made, layout.outside(), given),
    }
    return Document(FILE, tuple(inputs(layout)), given, body)


def _child(layout: Layout, environment: str) -> Document:
    """The file of an environment's child pipeline."""
    stages = layout.blocks[environment]
    order, places = columns.child(stages)
    made = {stage.name: jobs.job(layout, stage, places[stage.name]) for stage in stages}
    asked = {value.name: value for event in layout.runs(stages) for value in event.inputs}
    given = {value.variable: escape.given(value.name) for value in asked.values()}
    return Document(child_file(environment), tuple(asked.values()), given, _body(layout, order, made, stages, given))


def inputs(layout: Layout) -> list[Input]:
    """What may be given to manual runs; where there are several, first which one."""
    found = {value.name: value for event in layout.selection.events for value in event.inputs}
    runs = tuple(event.name for event in layout.selection.events if event.kind == "manual")
    which = [Input(run_input(found), runs[0], runs, "What to run")] if len(runs) > 1 else []
    return [*which, *found.values()]


def run_input(given: dict[str, Input]) -> str:
    """The input that says which of several manual runs is asked for."""
    return "run" if "run" not in given else "manual-run"


def manual_variables(layout: Layout) -> dict[str, Any]:
    """Inputs reach scripts as variables; their values are never expanded."""
    found = {value.name: value for event in layout.selection.events for value in event.inputs}
    which = {conditions.MANUAL: escape.placeholder(run_input(found))} if conditions.several_manual(layout.selection.events) else {}
    return {**which, **{value.variable: escape.given(value.name) for value in found.values()}}


def _parent_jobs(layout: Layout) -> tuple[list[str], defaults.Jobs]:
    names = _parent_names(layout)
    order, places = columns.parent(layout, {name: needs.names(layout, name) for name in names})
    triggers = {layout.trigger(environment): environment for environment in layout.blocks}
    made: defaults.Jobs = {}
    for name in sorted(names, key=lambda name: [*order, columns.POST].index(places[name])):
        environment = triggers.get(name)
        if environment is None:
            made[name] = jobs.job(layout, layout.stages[name], places[name])
        else:
            made[name] = jobs.trigger(layout, environment, places[name])
    return order, made


def _parent_names(layout: Layout) -> list[str]:
    """The jobs in the order of their stages, a trigger job where the last stage of its block stands."""
    last = {stages[-1].name: layout.trigger(environment) for environment, stages in layout.blocks.items()}
    found = [last.get(stage.name) or (None if layout.home(stage.name) else stage.name) for stage in layout.plan.stages]
    return [name for name in found if name is not None]


def _body(layout: Layout, order: list[str], made: defaults.Jobs, stages: tuple[Stage, ...], given: dict[str, Any]) -> dict[str, Any]:
    """Columns, variables, defaults and jobs of one file."""
    places = {cache.variable for stage in stages for cache in stage.caches if cache.variable}
    own = {name for stage in stages for name, _ in stage.variables}
    shared, made = defaults.share_variables(made, places - own)
    default, made = defaults.share(made, layout.settings.gate_image)
    policy = (
        {caches.POLICY: "pull-push"}
        if any(job.get("cache") and f"${caches.POLICY}" in str(job["cache"]) for job in [default, *made.values()])
        else {}
    )
    variables = {**escape.variables(layout.plan.variables), **given, **shared, **policy}
    parts = {"stages": Flow(order), "variables": variables, "default": default, **made}
    return {key: value for key, value in parts.items() if value}


def _spec(given: tuple[Input, ...]) -> list[dict[str, Any]]:
    return [{"spec": {"inputs": {value.name: _described(value) for value in given}}}] if given else []


def _described(given: Input) -> dict[str, Any]:
    found: dict[str, Any] = {"description": given.help} if given.help else {}
    found["default"] = given.default
    return {**found, "options": list(given.choices)} if given.choices else found
