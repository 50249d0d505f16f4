"""Where each stage goes: into the pipeline itself, or into the child pipeline of its environment's block.

A `resource_group` holds one job. So an environment with one stage has its lock on that job; one with several has it on a
trigger job, which holds it until the child pipeline with all of them has ended.
"""

from collections.abc import Iterable

from pipelinekit.backend import Request
from pipelinekit.lowering import tags
from pipelinekit.model.names import RESERVED_STAGES
from pipelinekit.model.plan import Event, Need, Plan, Stage
from pipelinekit.model.value import value
from pipelinekit.semantics.selection import Selection, block, delivers, select
from pipelinekit_gitlab.settings import Settings

FOLDER = ".gitlab/pipelinekit"


@value
class Layout:
    """A plan with its tags guarded, and the parts of it that become child pipelines, by environment.

    What every job asks of the whole plan is here once: the needs of each stage's files by the stage, and the paths that are
    cached under each set of key files.
    """

    plan: Plan
    selection: Selection
    settings: Settings
    stages: dict[str, Stage]
    blocks: dict[str, tuple[Stage, ...]]
    homes: dict[str, str]
    asked: dict[str, list[Need]]
    cached: dict[tuple[str, ...], set[tuple[str, ...]]]
    uses_lfs: bool

    def home(self, stage: str) -> str | None:
        """The environment in whose child pipeline a stage runs."""
        return self.homes.get(stage)

    def trigger(self, environment: str) -> str:
        """The name of the job that starts the environment's child pipeline."""
        name = environment
        while name in self.stages or name in RESERVED_STAGES or (name != environment and name in self.blocks):
            name += "-pipeline"
        return name

    def runs(self, stages: Iterable[Stage]) -> tuple[Event, ...]:
        """The events on which one of the stages runs."""
        wanted = {event for stage in stages for event in self.selection.runs(stage)}
        return tuple(event for event in self.selection.events if event in wanted)

    def outside(self) -> tuple[Stage, ...]:
        """The stages of the pipeline itself."""
        return tuple(stage for stage in self.plan.stages if stage.name not in self.homes)

    def delivers(self, event: Event) -> bool:
        return delivers(self.plan, event)


def child_file(environment: str) -> str:
    return f"{FOLDER}/{environment}.yml"


_last: list[tuple[Request[Settings], Layout]] = []


def lay_out(request: Request[Settings]) -> Layout:
    """The layout of a request; the table's conditions ask for it often, so the last one is kept."""
    if _last and _last[0][0] is request:
        return _last[0][1]
    plan = tags.guard(request.plan, request.settings.git_image)
    selection = request.selection if plan is request.plan else select(plan)
    blocks = {environment.name: block(plan, environment.name) for environment in plan.environments}
    children = {name: stages for name, stages in blocks.items() if len(stages) > 1 or any(stage.lock for stage in stages)}
    homes = {stage.name: name for name, stages in children.items() for stage in stages}
    asked: dict[str, list[Need]] = {stage.name: [] for stage in plan.stages}
    cached: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
    for stage in plan.stages:
        for need in stage.needs:
            asked[need.stage].append(need)
        for cache in stage.caches:
            cached.setdefault(cache.key_files, set()).add(cache.paths)
    stages = {stage.name: stage for stage in plan.stages}
    lfs = any(stage.checkout.lfs for stage in plan.stages)
    found = Layout(plan, selection, request.settings, stages, children, homes, asked, cached, lfs)
    _last[:] = [(request, found)]
    return found


def overlapping(request: Request[Settings]) -> bool:
    """Whether a stage lies in the blocks of two environments."""
    found = lay_out(request)
    return sum(len(stages) for stages in found.blocks.values()) > len(found.homes)
