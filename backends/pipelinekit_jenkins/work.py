"""What the text of one job depends on beside the job: the plan, who asks for its files, and the events of the whole pipeline."""

from pipelinekit.backend import Request
from pipelinekit.model.plan import Cache, Event, Plan, Stage
from pipelinekit.model.value import replace, value
from pipelinekit.semantics.matrix import cell_name
from pipelinekit.semantics.selection import delivers
from pipelinekit_jenkins import facts
from pipelinekit_jenkins.conditions import Selected
from pipelinekit_jenkins.settings import Settings
from pipelinekit_jenkins.shell import inputs_from_agent


@value
class Work:
    """`plan` has no matrices; `handed` are the paths that others ask for, by job."""

    request: Request[Settings]
    plan: Plan
    handed: dict[str, tuple[str, ...]]

    @property
    def settings(self) -> Settings:
        return self.request.settings

    @property
    def shared_caches(self) -> tuple[Cache, ...]:
        """The caches of all jobs that have any, where they are the same and known beforehand: said once, above the pipeline."""
        found = [stage.caches for stage in self.plan.stages if stage.caches]
        same = self.settings.cache == "jobcacher" and len(found) > 1 and all(caches == found[0] for caches in found)
        return found[0] if same and not any("${" in path for cache in found[0] for path in cache.paths) else ()

    def events(self, stage: Stage) -> tuple[Event, ...]:
        return self.request.selection.runs(stage)

    def selected(self, *stages: Stage) -> Selected:
        """What starts one of the jobs."""
        events = {event: None for stage in stages for event in self.events(stage)}
        in_order = tuple(event for event in self.request.selection.events if event in events)
        return Selected(in_order, any(self.request.selection.in_forks(stage) for stage in stages))

    def deliveries(self, stage: Stage) -> Selected:
        """The deliveries among what starts a job."""
        return Selected(tuple(event for event in self.events(stage) if delivers(self.plan, event)), forks=False)

    def paths(self, stage: Stage) -> tuple[str, ...]:
        """The paths of a job that others ask for."""
        return self.handed.get(stage.name, ())

    def of_template(self, template: Stage) -> tuple[Stage, "Work"]:
        """A stage with a matrix as the one text of all its cells: its paths hold `${AXIS}`, its needs are those of a cell."""
        cell = next(stage for stage in self.plan.stages if stage.of == template.name)
        asked = [need for stage in self.request.plan.stages for need in stage.needs if need.stage == template.name]
        name = cell_name(template.name, tuple((axis.name, f"${{{axis.variable}}}") for axis in template.matrix))
        paths = tuple(dict.fromkeys(path for need in asked for path in need.paths))
        return replace(template, name=name, of=template.name, needs=cell.needs), replace(self, handed={**self.handed, name: paths})

    def is_inside(self, stage: Stage) -> bool:
        """Whether something must happen on the agent before the container starts, so that it is no agent of the stage.

        Each attempt has a container of its own: Jenkins can end no process in one whose image lacks `ps`, and what the last attempt has
        left running would write into the tree of the next.
        """
        hidden = any(not secret.file for secret in stage.secrets)
        asked = facts.from_agent(stage) or inputs_from_agent(self.events(stage))
        return hidden or bool(stage.services or stage.retries or asked) or "${PK_" in (stage.image or "")


def label(stage: Stage, settings: Settings) -> str:
    """The agents that may run a job, as Jenkins' label expression."""
    runner = stage.runner
    wanted = [*runner.labels, *([runner.arch] if runner.arch else [])] if runner else []
    return " && ".join(dict.fromkeys((settings.label, *wanted)))


def container_args(stage: Stage, settings: Settings) -> str:
    """Arguments of `docker run` for a job's container, but for its network."""
    user = ["-u 0:0"] if settings.user == "root" else []
    gpus = [f"--gpus {stage.runner.gpus}"] if stage.runner and stage.runner.gpus else []
    return " ".join((*user, *gpus))
