"""What one build file is rendered from: the stages of one event between two gates, and what the builds around it need of them."""

from collections.abc import Collection

from pipelinekit.lowering.gates import Part, opening_gates, split
from pipelinekit.model.plan import Cache, Event, Pairs, Plan, Stage
from pipelinekit.model.value import value
from pipelinekit_cloudbuild import caches, containers, facts, secrets
from pipelinekit_cloudbuild.escape import is_for_all
from pipelinekit_cloudbuild.settings import Settings


@value
class Run:
    """All that one event starts: the stages in their parts, and the gate that opens each stage's part."""

    plan: Plan
    event: Event
    settings: Settings
    publishes: bool
    parts: dict[str | None, Part]
    opened: dict[str, str | None]
    taken: frozenset[str]

    def behind(self, gate: str | None) -> list[Part]:
        """The parts that come after the one that `gate` opens, directly or not."""
        found: list[Part] = []
        for name, part in self.parts.items():
            above = name
            while above is not None and above != gate:
                above = self.opened[above]
            if name is not None and name != gate and above == gate:
                found.append(part)
        return found


def run(plan: Plan, event: Event, settings: Settings, publishes: bool, taken: frozenset[str]) -> Run:
    """The run of one event of a plan without matrices. Helping steps have none of the names `taken`, in all runs alike."""
    parts = {part.gate.name if part.gate else None: part for part in split(plan)}
    return Run(plan, event, settings, publishes, parts, opening_gates(plan), taken)


@value
class Build:
    """One build of a run."""

    run: Run
    part: Part
    plan: Plan
    settings: Settings
    publishes: bool
    behind_gate: bool
    aliases: dict[str, str]
    facts: dict[str, str]
    caches: dict[Cache, str]
    exported: dict[str, tuple[str, ...]]
    own_variables: Pairs

    @property
    def event(self) -> Event:
        return self.run.event

    def helper(self, name: str, taken: Collection[str] = ()) -> str:
        """The id of a helping step: no stage has it, and no other step in `taken`."""
        while name in self.run.taken or name in taken:
            name += "-step"
        return name

    def last(self, name: str) -> str:
        """The id of the last step of a job of this build."""
        return self.last_of(self.plan.stage(name))

    def last_of(self, stage: Stage) -> str:
        """The id of the last step of a job of this or an earlier build."""
        pushes = stage.container and self.publishes and containers.is_plain(stage, True)
        return self.helper(f"{stage.name}-push") if pushes else stage.name

    def copies(self, stage: Stage) -> bool:
        """Whether a job works in a tree of its own: not where it is all that the build does, and does once."""
        return len(self.plan.stages) > 1 or stage.retries > 0

    @property
    def saves(self) -> bool:
        """Whether caches are saved for later runs: those on trunk alone do."""
        return bool(self.caches) and self.event.on_trunk

    def is_guarded(self, stage: Stage) -> bool:
        """Whether the changed files of a pull request decide if the job does anything."""
        return bool(stage.only_if) and self.event.kind == "pull_request"

    def asked(self, stage: Stage) -> dict[str, tuple[str, ...]]:
        """The files that a stage asks for, by the job that hands them over."""
        found: dict[str, tuple[str, ...]] = {}
        for need in self.run.plan.stage(stage.name).needs:
            if need.paths:
                found[need.stage] = tuple(dict.fromkeys((*found.get(need.stage, ()), *need.paths)))
        return found

    def handed_over(self, stage: Stage) -> tuple[str, ...]:
        """What other jobs ask for of this one, in this build or a later one."""
        inside = (path for other in self.plan.stages for path in self.asked(other).get(stage.name, ()))
        return tuple(dict.fromkeys((*inside, *self.exported.get(stage.name, ()))))

    def kept(self, stage: Stage) -> tuple[str, ...]:
        """The files that stay after the run; without a bucket there is no place for them."""
        return tuple(dict.fromkeys((*stage.reports, *stage.keep))) if self.settings.bucket else ()


def build(run: Run, gate: str | None) -> Build:
    """The build of the part that `gate` opens, None for the first."""
    part = run.parts[gate]
    own = {stage.name for stage in part.plan.stages}
    exported: dict[str, tuple[str, ...]] = {}
    for later in run.behind(gate):
        for need in later.imports:
            if need.stage in own:
                exported[need.stage] = tuple(dict.fromkeys((*exported.get(need.stage, ()), *need.paths)))
    settings = run.settings
    repository = f"{settings.owner}/{settings.repository}" if settings.owner and settings.repository else None
    return Build(
        run,
        part,
        part.plan,
        settings,
        run.publishes,
        gate is not None,
        secrets.aliases(run.plan),
        facts.spelled(run.event, run.plan.trunk, repository, gate is not None),
        caches.named(part.plan) if settings.bucket else {},
        exported,
        tuple((name, text) for name, text in run.plan.variables if not is_for_all(name, text)),
    )


def required(run: Run, gate: str | None, through: str) -> tuple[str, ...]:
    """The stages of the part that `gate` opens which what lies behind the gate `through` must know to have passed."""
    own = {stage.name for stage in run.parts[gate].plan.stages}
    later = [run.parts[through], *run.behind(through)]
    return tuple(dict.fromkeys(name for part in later for name in part.requires if name in own))
