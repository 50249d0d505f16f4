"""One job as Groovy, where no stage of Declarative can stand: in `post`, and in a graph."""

from collections.abc import Sequence

from pipelinekit.model.plan import Stage
from pipelinekit_jenkins import services, steps
from pipelinekit_jenkins.conditions import All, expression
from pipelinekit_jenkins.groovy import Call, Chain, Closure, Entry, Node, Template, Value, block, call, literal, option, within
from pipelinekit_jenkins.jobs import options, touched
from pipelinekit_jenkins.work import Work, label


def job(stage: Stage, work: Work) -> tuple[Node, ...]:
    """The job, if the event selects it."""
    nodes: tuple[Node, ...] = (block("node", *_on_agent(stage, work), args=(label(stage, work.settings),)),)
    for wrapper in reversed(tuple(options(stage))):
        nodes = (within(wrapper, *nodes),)
    condition = work.selected(stage).condition(work.plan.trunk, work.request.selection.events)
    nodes = (block("stage", *nodes, args=(stage.name,)),)
    asked = All((condition, touched(stage))) if stage.only_if else condition
    return (Chain(((f"if ({expression(asked)})", nodes),)),)


def _on_agent(stage: Stage, work: Work) -> tuple[Node, ...]:
    nodes = tuple(steps.steps(stage, work, on_agent=True))
    ends = [*steps.kept(stage), *([call("sh", services.down(stage))] if stage.services else [])]
    if ends:
        nodes = (Chain((("try", nodes), ("finally", tuple(ends)))),)
    entries = steps.environment(stage, work)
    secrets = steps.bindings(secret for secret in stage.secrets if not secret.optional)
    if secrets:
        nodes = (within(option("withCredentials", secrets), *nodes),)
    variables = tuple(_assignment(entry) for entry in entries if not _is_secret(entry))
    return (within(option("withEnv", variables), *nodes),) if variables else nodes


def _is_secret(entry: Entry) -> bool:
    return isinstance(entry.value, Call) and entry.value.name == "credentials"


def _assignment(entry: Entry) -> Value:
    if isinstance(entry.value, Call):
        return Template(f"{entry.name}=${{{literal(entry.value)}}}")
    return f"{entry.name}={entry.value}"


def together(jobs: Sequence[Stage], work: Work) -> tuple[Node, ...]:
    """Jobs that nothing orders: one as it is, several side by side."""
    if len(jobs) == 1:
        return job(jobs[0], work)
    return (option("parallel", {stage.name: Closure(job(stage, work)) for stage in jobs}),)


def graph(jobs: Sequence[Stage], work: Work) -> Call:
    """`runGraph([name: [needs: […], body: {…}], …])`."""
    names = {stage.name for stage in jobs}
    table: dict[str, Value] = {}
    for stage in jobs:
        needs = tuple(dict.fromkeys(need.stage for need in stage.needs if need.stage in names))
        table[stage.name] = {"needs": needs, "body": Closure(job(stage, work))}
    return option("runGraph", table)
