"""From a plan to `Jenkinsfile` and the list of its plugins."""

from collections.abc import Iterator
from typing import TypeAlias

from pipelinekit.backend import File, Request
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.lowering import tags
from pipelinekit.model.plan import Need, Plan
from pipelinekit.model.value import replace
from pipelinekit.semantics import matrix
from pipelinekit.semantics.selection import select
from pipelinekit_jenkins import document, functions, limits, plugins, size, stashes
from pipelinekit_jenkins.groovy import Call, printed
from pipelinekit_jenkins.order import Arrangement, Tree
from pipelinekit_jenkins.settings import Settings
from pipelinekit_jenkins.stages import Stages
from pipelinekit_jenkins.work import Work

Added: TypeAlias = tuple[tuple[str, str], ...]

_prepared: list[tuple[Request[Settings], Work, Tree, Added]] = []


def prepared(request: Request[Settings]) -> tuple[Work, Tree, Added]:
    """The plan as it is printed, its order, and the stages that wait for more than they need; kept, since the table asks for it too."""
    if not _prepared or _prepared[0][0] is not request:
        work = _work(request)
        arrangement = Arrangement(work.plan, scripted=request.settings.order == "scripted")
        runs = work.request.selection.by_stage
        added = tuple((one, other) for one, other in arrangement.added() if set(runs[one]) & set(runs[other]))
        _prepared[:] = [(request, work, arrangement.tree, added)]
    return _prepared[0][1:]


def _work(request: Request[Settings]) -> Work:
    guarded = _guard_last(tags.guard(request.plan))
    selection = request.selection if guarded is request.plan else select(guarded)
    unrolled = matrix.unroll(guarded)
    return Work(Request(guarded, selection, request.settings, request.header), unrolled, stashes.asked(unrolled))


def _guard_last(plan: Plan) -> Plan:
    """The guard of tags right before the first that it guards: standing first, it would make a knot of most orders."""
    if plan.stages[:1] == () or plan.stages[0].name != tags.NAME:
        return plan
    guard, *rest = plan.stages
    first = next(index for index, stage in enumerate(rest) if any(need.stage == tags.NAME for need in stage.needs))
    above = {stage.name for stage in rest[:first]}
    guarded = [stage for stage in rest[first:] if any(need.stage == tags.NAME for need in stage.needs)]
    needed = dict.fromkeys(need.stage for stage in guarded for need in stage.needs if need.stage in above)
    guard = replace(guard, needs=tuple(Need(name) for name in needed))
    return replace(plan, stages=(*rest[:first], guard, *rest[first:]))


def render(request: Request[Settings]) -> Iterator[File | Diagnostic]:
    """The files, and what there is to say about order and size."""
    broken = tuple(limits.of_plan(request.plan, request.selection.events))
    yield from broken
    if broken:
        return
    work, tree, added = prepared(request)
    pipeline = document.pipeline(work, Stages(work, tree).row(tree))
    yield from _waits(request, added)
    yield from limits.of_size(request, pipeline)
    text = _text(work, pipeline)
    yield File(request.settings.jenkinsfile, text)
    yield File(request.settings.plugins, _plugins(request, pipeline))


def _text(work: Work, pipeline: Call) -> str:
    outlined: tuple[str, ...] = ()
    if size.estimate(pipeline) >= size.SPLIT:
        pipeline, outlined = functions.split(pipeline)
    body = printed([pipeline])
    comments = "".join(f"// {line}".rstrip() + "\n" for line in work.request.header) + printed(list(document.heading(work)))
    above = [*document.above(work, "".join((*outlined, body))), *outlined]
    return "\n".join((comments, *above, body))


def _plugins(request: Request[Settings], pipeline: Call) -> str:
    comments = "".join(f"# {line}".rstrip() + "\n" for line in request.header)
    return comments + "".join(f"{plugin}\n" for plugin in plugins.needed(pipeline))


def _waits(request: Request[Settings], edges: Added) -> Iterator[Diagnostic]:
    if edges:
        named = ", ".join(f"{later} after {earlier}" for earlier, later in edges[:8]) + (" …" if len(edges) > 8 else "")
        yield Diagnostic(
            "PK1404",
            "note",
            f"order: the file also orders {named}",
            'exact with targets={"jenkins": {"order": "scripted"}}',
            request.plan.source,
            feature="order",
        )
