"""What the parts of one pipeline need to know of it while it is printed."""

from pipelinekit.backend import Request
from pipelinekit.lowering.order import is_chain
from pipelinekit.model.plan import Service, Stage
from pipelinekit.model.value import replace, value
from pipelinekit_drone.layout import Document, Layout
from pipelinekit_drone.scripts import SOURCE, TREE
from pipelinekit_drone.settings import Settings


@value
class Context:
    """A pipeline, the whole it is part of, the names of its steps, and the tree that its jobs work in."""

    request: Request[Settings]
    layout: Layout
    document: Document
    steps: dict[str, str]
    tree: str

    @property
    def settings(self) -> Settings:
        return self.request.settings

    @property
    def shares(self) -> bool:
        """Whether all jobs work in the one tree that was cloned."""
        return self.tree == SOURCE

    @property
    def services(self) -> tuple[Service, ...]:
        return tuple(dict.fromkeys(service for stage in self.document.stages for service in stage.services))

    def keeps(self, stage: Stage) -> bool:
        """Whether reports or kept files of a stage go to the store. Pull requests are not given its keys."""
        kinds = {event.kind for event in self.document.runs[stage.name]}
        return bool(self.settings.store and (stage.reports or stage.keep) and kinds != {"pull_request"})

    def keeps_any(self) -> bool:
        return any(self.keeps(stage) for stage in self.document.stages)

    def imports(self) -> dict[str, tuple[Stage, ...]]:
        """The stages of other pipelines whose files are asked for here, with who asks."""
        found: dict[str, tuple[Stage, ...]] = {}
        for stage in self.document.stages:
            for need in stage.needs:
                if need.paths and need.stage not in self.document.runs:
                    found[need.stage] = (*found.get(need.stage, ()), stage)
        return found

    def exports(self) -> tuple[Stage, ...]:
        """The stages whose files another pipeline asks for."""
        return tuple(stage for stage in self.document.stages if self.layout.takers(self.document, stage.name))

    def hands_over(self) -> bool:
        """Whether files go through the hand-over folder."""
        asked = any(need.paths for stage in self.document.stages for need in stage.needs)
        return not self.shares and (asked or bool(self.exports()))

    def name(self, wanted: str) -> str:
        """A name for a step of ours, which no job of the pipeline has."""
        while wanted in self.steps.values() or any(service.alias == wanted for service in self.services):
            wanted += "-step"
        return wanted


def context(request: Request[Settings], layout: Layout, document: Document) -> Context:
    jobs = tuple(stage for stage in document.stages if not stage.is_post)
    alone = is_chain(replace(layout.plan, stages=jobs)) and not any(stage.retries for stage in document.stages)
    tree = SOURCE if alone and not request.settings.copy_tree else TREE
    aliases = {service.alias for stage in document.stages for service in stage.services}
    steps = {
        stage.name: f"{stage.kind.replace('_', '-')}-{stage.name}" if stage.name in aliases else stage.name for stage in document.stages
    }
    return Context(request, layout, document, steps, tree)
