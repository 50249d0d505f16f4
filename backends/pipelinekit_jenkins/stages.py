"""The tree of stages as `stages`, `parallel` and `matrix`; gates and environments as stages around what they guard."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from pipelinekit.model.plan import CHECKS, Environment, Stage, StageKind
from pipelinekit_jenkins import raw, scripted
from pipelinekit_jenkins.conditions import Selected, declarative
from pipelinekit_jenkins.escape import quoted
from pipelinekit_jenkins.groovy import Call, Code, Comment, Node, Value, block, call, option
from pipelinekit_jenkins.jobs import job, when
from pipelinekit_jenkins.order import Block, Fork, Graph, Group, Row, Tree, jobs_of
from pipelinekit_jenkins.steps import duration
from pipelinekit_jenkins.work import Work

DAY = 86400


class Stages:
    """Prints a tree."""

    def __init__(self, work: Work, tree: Tree) -> None:
        self.work = work
        self.tree = tree
        self.by_milestone = _ends_with_its_only_block(work, tree)

    def row(self, tree: Tree, outer: Selected | None = None, *, forked: bool = False) -> tuple[Call, ...]:
        """The stages, one after the other."""
        parts = tree.parts if isinstance(tree, Row | Group) else (tree,)
        taken: set[str] = set()
        return tuple(self._named(part, outer, forked, taken) for part in self._grouped(parts, outer))

    def _grouped(self, parts: Sequence[Tree], outer: Selected | None) -> Iterator[Tree]:
        """Neighbours that the same events start become one stage, which asks for them once."""
        for selected, group in groupby(parts, self._selected):
            same = tuple(group)
            yield from (Group(same),) if len(same) > 1 and selected not in (None, outer) else same

    def _selected(self, tree: Tree) -> Selected | None:
        """The events of all stages of a tree; None where they differ, or where somebody else says when to run one."""
        found = {self.work.selected(stage) for stage in jobs_of(tree)}
        own = any("when" in (stage.raw.get("jenkins") or {}) for stage in jobs_of(tree))
        return None if own or len(found) > 1 else found.pop()

    def _named(self, tree: Tree, outer: Selected | None, forked: bool, taken: set[str]) -> Call:
        """The stage under a name that none of its siblings has."""
        name = self._name(tree)
        if name in taken:
            environments = tuple(dict.fromkeys(job.environment for job in jobs_of(tree) if job.environment))
            name = f"{name} to {', '.join(environments)}" if isinstance(tree, Group) and environments else _members(tree)
        taken.add(name)
        return self._stage(tree, outer, forked, name)

    def _name(self, tree: Tree) -> str:
        """The names of stages come first; what stands around them gives way."""
        stages = {stage.name for stage in self.work.request.plan.stages}
        match tree:
            case Stage():
                return tree.name
            case Block():
                name = ", ".join(tree.environments)
                return f"to {name}" if name in stages else name
            case Fork() | Graph() if len({job.origin for job in jobs_of(tree)}) > 1:
                name = _kinds({job.kind for job in jobs_of(tree)})
                return _members(tree) if name in {*stages, *(e.name for e in self.work.plan.environments)} else name
            case Group() if jobs_of(tree) == jobs_of(self.tree):
                return self.work.plan.name
            case Group():
                name = _kinds({job.kind for job in jobs_of(tree)})
                inside = {self._name(part) for part in tree.parts}
                return _members(tree) if name in {*stages, *inside, *(e.name for e in self.work.plan.environments)} else name
            case _:
                return _members(tree)

    def _stage(self, tree: Tree, outer: Selected | None, forked: bool, name: str) -> Call:
        match tree:
            case Stage(kind="gate"):
                return self._raw(tree, self._gate(tree, outer))
            case Stage():
                return self._raw(tree, job(tree, self.work, outer))
            case Block():
                return self._environment(tree, outer, name)
            case Fork():
                return self._fork(tree, outer, name)
            case Graph():
                return block("stage", block("steps", block("script", scripted.graph(tree.jobs, self.work))), args=(name,))
            case Row() | Group():
                inner, shared = self._shared(tree, outer)
                return block("stage", *shared, block("stages", *self.row(tree, inner, forked=forked)), args=(name,))

    def _raw(self, stage: Stage, printed: Call) -> Call:
        return raw.overlay(printed, stage.raw.get("jenkins"), raw.STAGE)

    def _shared(self, tree: Tree, outer: Selected | None) -> tuple[Selected | None, tuple[Call, ...]]:
        """One `when` for all stages of a tree that the same events start."""
        selected = self._selected(tree)
        if selected in (None, outer):
            return outer, ()
        condition = selected.condition(self.work.plan.trunk, self.work.request.selection.events)
        return selected, (block("when", *declarative(condition)),)

    def _fork(self, tree: Fork, outer: Selected | None, name: str) -> Call:
        inner, shared = self._shared(tree, outer)
        template = self._template(tree)
        if template:
            return block("stage", *shared, self._matrix(template, inner), args=(name,))
        taken: set[str] = set()
        branches = [self._named(branch, inner, True, taken) for branch in tree.branches]
        return block("stage", *shared, block("parallel", *branches), args=(name,))

    def _template(self, tree: Fork) -> Stage | None:
        """The stage with the matrix of which all branches are the cells, and nobody asks one cell for its files."""
        jobs = jobs_of(tree)
        if len({job.origin for job in jobs}) > 1 or not all(isinstance(branch, Stage) and branch.of for branch in tree.branches):
            return None
        template = self.work.request.plan.stage(jobs[0].origin)
        asked = [need for stage in self.work.request.plan.stages for need in stage.needs if need.stage == template.name and need.paths]
        whole = len(jobs) == _cells(template)
        return template if whole and not any(need.cell for need in asked) else None

    def _matrix(self, template: Stage, outer: Selected | None) -> Call:
        axes = [
            block("axis", call("name", axis.variable), Code(f"values {', '.join(map(quoted, axis.values))}")) for axis in template.matrix
        ]
        inner = self.work.of_template(template)
        printed = self._raw(template, job(inner[0], inner[1], outer, name=template.name))
        return block("matrix", block("axes", *axes), block("stages", printed))

    def _gate(self, stage: Stage, outer: Selected | None) -> Call:
        settings = self.work.settings
        submitter = [call("submitter", settings.submitter)] if settings.submitter else []
        return block(
            "stage",
            *when(stage, self.work, outer, "beforeInput"),
            block("options", duration(stage.timeout or settings.gate_days * DAY)),
            block("input", call("message", stage.message), *submitter),
            block("steps", call("echo", "approved")),
            args=(stage.name,),
        )

    def _environment(self, tree: Block, outer: Selected | None, name: str) -> Call:
        """What tells an older delivery from the newest stands inside the lock: which of them came first is settled there."""
        selected = self.work.selected(*jobs_of(tree))
        condition = selected.condition(self.work.plan.trunk, self.work.request.selection.events)
        asked = () if selected == outer else (block("when", call("beforeOptions", True), *declarative(condition)),)
        claim = option("milestone", ordinal=1, label=name) if self.by_milestone else call("claim", name)
        newest = block("stage", block("steps", claim), args=("newest",))
        return block(
            "stage",
            *(Comment(f"configuration: {e.config}") for e in self._environments(tree) if e.config),
            *asked,
            block("options", self._lock(tree.environments)),
            block("stages", newest, *self.row(tree.tree, selected)),
            *self._described(tree),
            args=(name,),
        )

    def _environments(self, tree: Block) -> Iterator[Environment]:
        return (self.work.plan.environment(name) for name in tree.environments)

    def _described(self, tree: Block) -> Iterable[Node]:
        urls = [f"{e.name}: {e.url}" for e in self._environments(tree) if e.url]
        if urls:
            text = quoted(", ".join(urls))
            line = Code(f"currentBuild.description = (currentBuild.description ? currentBuild.description + ', ' : '') + {text}")
            yield block("post", block("success", block("script", line)))

    def _lock(self, environments: tuple[str, ...]) -> Call:
        resources = [f"{self.work.plan.name}-{name}" for name in environments]
        if len(resources) == 1:
            return option("lock", resource=resources[0])
        extra: tuple[Value, ...] = tuple({"resource": name} for name in resources[1:])
        return option("lock", resource=resources[0], extra=extra)


def _ends_with_its_only_block(work: Work, tree: Tree) -> bool:
    """Whether a milestone does what is asked and no more. A build that passes the next milestone, or ends, also ends all older ones that
    are still on their way from the last one: to a second environment, to a gate before it, or to stages after the block.
    """
    parts = tree.parts if isinstance(tree, Row) else (tree,)
    blocks = [part for part in parts if isinstance(part, Block)]
    return len(blocks) == 1 and parts[-1] is blocks[0] and not any(stage.is_post for stage in work.plan.stages)


def _cells(stage: Stage) -> int:
    total = 1
    for axis in stage.matrix:
        total *= len(axis.values)
    return total


def _members(tree: Tree) -> str:
    """The stages by their names, which no other group has; long lists shortened."""
    origins = tuple(dict.fromkeys(job.origin for job in jobs_of(tree)))
    return ", ".join(origins) if len(origins) <= 4 else f"{origins[0]} to {origins[-1]}"


def _kinds(kinds: set[StageKind]) -> str:
    """What a team calls a group of such stages."""
    if len(kinds) == 1:
        return kinds.pop().replace("_", "-")
    return "check" if kinds <= {*CHECKS} - {"build"} else "build" if kinds <= set(CHECKS) else "deliver"
