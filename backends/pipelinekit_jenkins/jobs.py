"""One job as a stage of its own."""

from collections.abc import Iterable

from pipelinekit.lowering.tags import NAME as TAG_GUARD
from pipelinekit.model.plan import Stage
from pipelinekit_jenkins import escape, services, steps
from pipelinekit_jenkins.conditions import PULL_REQUEST, Condition, Is, Not, Selected, Some, declarative
from pipelinekit_jenkins.escape import quoted
from pipelinekit_jenkins.groovy import Call, Code, Node, block, call, option, section, text
from pipelinekit_jenkins.work import Work, container_args, label


def job(stage: Stage, work: Work, outer: Selected | None, *, name: str | None = None) -> Call:
    """The stage; `outer` is what a stage around it has already asked of the event."""
    return block(
        "stage",
        agent(stage, work),
        *when(stage, work, outer),
        *section("options", options(stage)),
        *section("environment", steps.environment(stage, work)),
        block("steps", *steps.of_job(stage, work)),
        *section("post", _post(stage)),
        args=(name or stage.name,),
    )


def agent(stage: Stage, work: Work) -> Call:
    """The image as the stage's agent, or the agent itself where it has to do something before."""
    where = label(stage, work.settings)
    if stage.container or stage.name == TAG_GUARD or work.is_inside(stage):
        return block("agent", call("label", where))
    args = container_args(stage, work.settings)
    keys = [call("image", text(stage.image or "")), call("label", where), *([call("args", args)] if args else [])]
    return block("agent", block("docker", *keys))


def when(stage: Stage, work: Work, outer: Selected | None, *flags: str) -> tuple[Call, ...]:
    """What narrows the stage's events further than those around it, asked before an agent is taken."""
    selected = work.selected(stage)
    nodes: tuple[Node, ...] = ()
    if selected != outer:
        nodes = declarative(selected.condition(work.plan.trunk, work.request.selection.events))
    if stage.only_if:
        nodes = (*nodes, *declarative(touched(stage)))
    return (block("when", *(call(flag, True) for flag in flags or ("beforeAgent",)), *nodes),) if nodes else ()


def touched(stage: Stage) -> Condition:
    """True but in a pull request that leaves all files alone that the stage is about."""
    words = " ".join(map(escape.pathspec, stage.only_if))
    groovy = f"changes({quoted(words)})"
    return Some((Not(PULL_REQUEST), Is(block("expression", Code(groovy)), groovy)))


def options(stage: Stage) -> Iterable[Call]:
    """Wrappers around the agent: a lock is taken before it is."""
    if stage.lock:
        yield option("lock", resource=stage.lock)
    if stage.allow_failure:
        yield option("catchError", buildResult="SUCCESS", stageResult="FAILURE")


def _post(stage: Stage) -> Iterable[Node]:
    if stage.name == TAG_GUARD or stage.container:
        return
    yield from section("always", steps.kept(stage))
    if stage.services:
        yield block("cleanup", call("sh", services.down(stage)))
