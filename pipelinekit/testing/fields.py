"""Whether a target lets any field of a definition fall under the table without a word.

Each field of each value is changed (`changes`), and the target must show it: by another byte below the header of a file, by
another file, or by a finding. A field whose loss the report names as Weakened or Unsafe has been shown too. What is left is either
listed below, with its reason, or a bug.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pipelinekit.backend import registry
from pipelinekit.backend.emit import emit, prepare
from pipelinekit.check import check
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Event, Need, Plan, Stage
from pipelinekit.model.value import replace, value
from pipelinekit.semantics.matrix import cells_of
from pipelinekit.semantics.selection import ancestors, select
from pipelinekit.testing.changes import Change, changes
from pipelinekit.testing.suite import Conformance, fitted


@value
class Ineffective:
    """A field that may be changed without a trace in what a target writes and says, and why that is all right.

    `targets` are those for which that is so, none for all; `OTHERS` in a field stands for any target but the one that is asked.
    With `told` it holds only where the target's findings name that feature, with `where` only for changes of that sort.
    """

    field: str
    reason: str
    targets: tuple[str, ...] = ()
    told: Feature | None = None
    where: Callable[[Change], bool] | None = None


OTHERS = "[others]"


def _delivers_alone(change: Change) -> bool:
    return all(stage.environment for stage in change.plan.stages)


def _beside_tags(change: Change) -> bool:
    return change.plan.stage(change.stage).checkout.tags


def _taken_out(change: Change) -> bool:
    return any(cache.variable is None for cache in change.plan.stage(change.stage).caches)


def _labelled(change: Change) -> bool:
    runner = change.plan.stage(change.stage).runner
    return runner is not None and "gpu" in runner.labels


INEFFECTIVE: tuple[Ineffective, ...] = (
    Ineffective("Plan.source", "where something was written: findings point there, files don't"),
    Ineffective("Environment.source", "as Plan.source"),
    Ineffective("Stage.source", "as Plan.source"),
    Ineffective(f"Plan.targets{OTHERS}", "settings of another system"),
    Ineffective("Plan.targets", "a setting is there for what needs it: a plan that keeps no files has no use for a bucket"),
    Ineffective(f"Plan.accept{OTHERS}", "losses on another system"),
    Ineffective("Plan.accept", "of an acceptance that nothing needs PK1407 says so; its reason is then nobody's"),
    Ineffective(f"Plan.raw{OTHERS}", "text of another system"),
    Ineffective(f"Stage.raw{OTHERS}", "text of another system"),
    Ineffective("Stage.kind", "a kind is a name for people, not a phase: what runs, and when, is said by the other fields"),
    Ineffective("Checkout.history", "tags come with the history that they point into", ("cloudbuild", "jenkins"), where=_beside_tags),
    Ineffective("Checkout.history", "it is always there", ("drone",), "checkout"),
    Ineffective("Plan.name", "an environment's pipeline has its name, and here is no other", ("drone",), where=_delivers_alone),
    Ineffective("Plan.name", "pipelines go by their commit's title there, which a name that never changes would hide", ("gitlab",)),
    Ineffective(
        "Cache.variable", "said once for all jobs where most have it: to a job without it does no harm", ("gitlab",), where=_taken_out
    ),
    Ineffective("Runner.gpus", "asked for by the tag `gpu`, which a label may have asked for already", ("gitlab",), where=_labelled),
    Ineffective("Registry.Secret.name", "the plugin signs in itself: no process sees the variable", ("drone",)),
    Ineffective("Need.paths", "jobs of one pipeline share a tree, and see the files of those before them", ("drone",), "artifacts"),
    Ineffective("Checkout.tags", "fetched for the whole pipeline", ("drone",), "checkout"),
    Ineffective("Checkout.lfs", "fetched for the whole pipeline", ("drone",), "checkout"),
    Ineffective("Checkout.submodules", "fetched for the whole pipeline", ("drone",), "checkout"),
    Ineffective(
        "Stage.needs",
        "jobs of one lock stand one after the other in a build, which ends with the first failure",
        ("cloudbuild", "drone"),
        "lock",
    ),
    Ineffective("Stage.needs", "what delivers tags waits for the pipeline that guards them, with all of its jobs", ("drone",), "tag"),
    Ineffective("Stage.environment", "a build holds all environments from its first stage there to its end", ("cloudbuild",), "block"),
)
"""Every such field."""

FEATURES: dict[str, tuple[Feature, ...]] = {
    "Cache": ("cache",),
    "Stage.caches": ("cache",),
    "Runner": ("runner",),
    "Stage.runner": ("runner",),
    "Checkout": ("checkout",),
    "Service": ("services",),
    "Stage.services": ("services",),
    "Stage.reports": ("reports",),
    "Stage.keep": ("keep",),
    "Stage.keep_for": ("keep",),
    "Stage.retries": ("retries",),
    "Stage.timeout": ("timeout", "gate_timeout"),
    "Stage.allow_failure": ("allow_failure",),
    "Stage.needs": ("order", "block"),
    "Need": ("artifacts",),
    "Stage.on": ("forks",),
    "Secret.file": ("secret_files",),
    "Secret.optional": ("optional_secrets",),
    "Stage.only_if": ("changed",),
    "Stage.lock": ("lock",),
    "Plan.cancel_superseded": ("cancel_superseded",),
}
"""The features under which the loss report names a field, or all fields of a class."""

OF_ALL: tuple[Feature, ...] = ("order", "block", "artifacts", "checkout", "forks")
"""Those whose loss at one stage is one of the stages around it too: they share the order, a tree or a run."""

LOSSES = ("PK1403", "PK1404")


@value
class Silent:
    """A field that a target passed over: nothing written and nothing said of it changed."""

    target: str
    pipeline: str
    field: str
    path: str

    def __str__(self) -> str:
        return f"{self.target} passes over {self.field} ({self.path} of {self.pipeline})"


@value
class Told:
    """What a target makes of a plan: its files without their headers, and all findings, those of `check` among them."""

    files: dict[str, str]
    findings: tuple[tuple[str, str, str, int], ...]
    diagnostics: tuple[Diagnostic, ...]


def silent_fields(
    target: str, plans: Mapping[str, Plan], settings: Mapping[str, Any] | None = None, allowed: Iterable[Ineffective] = INEFFECTIVE
) -> Iterator[Silent]:
    """The fields of these plans that a target passes over, but for those that are `allowed` to. Plans that it refuses show nothing."""
    kept = tuple(allowed)
    for one, change, told in passed_over(target, plans, settings):
        if not explained(one, change, told, plans[one.pipeline], kept):
            yield one


def explained(one: Silent, change: Change, told: Told, plan: Plan, allowed: Iterable[Ineffective] = INEFFECTIVE) -> bool:
    """Whether the list, or the target's loss report, says why that is so."""
    return any(applies(entry, one, change, told.diagnostics) for entry in allowed) or _lost(change, told, plan)


def passed_over(target: str, plans: Mapping[str, Plan], settings: Mapping[str, Any] | None = None) -> Iterator[tuple[Silent, Change, Told]]:
    """All changes of these plans that no byte and no finding shows, with what the target makes of the plan."""
    conformance = Conformance(target, (), settings or {})
    for name, given in plans.items():
        plan = fitted(given, conformance)
        before = _told(plan, target)
        if not before.files:
            continue
        same = meaning(plan)
        for change in changes(plan):
            if _passes_over(before, change, target) and (change.field.endswith(".source") or meaning(change.plan) != same):
                yield Silent(target, name, change.field, change.path), change, before


def _passes_over(before: Told, change: Change, target: str) -> bool:
    try:
        return _silent(before, change.plan, target)
    except Exception as error:
        error.add_note(f"with another {change.field}: {change.path}")
        raise


def silent(plan: Plan, changed: Plan, target: str) -> bool:
    """Whether a target writes and says the same of two plans."""
    return _silent(_told(plan, target), changed, target)


def applies(entry: Ineffective, one: Silent, change: Change, told: Iterable[Diagnostic]) -> bool:
    """Whether an entry of the list is about this."""
    field, _, other = one.field.partition("[")
    if other and other != f"{one.target}]":
        field += OTHERS
    if entry.field != field or (entry.targets and one.target not in entry.targets):
        return False
    if entry.where is not None and not entry.where(change):
        return False
    return entry.told is None or any(each.feature == entry.told for each in told)


def _lost(change: Change, told: Told, plan: Plan) -> bool:
    """Whether the loss report names the field's feature where it stands; or the stage, if no file has it at all."""
    features = FEATURES.get(change.field) or FEATURES.get(change.field.partition(".")[0], ())
    there = {stage.source for stage in plan.stages if stage.name == change.stage}
    losses = [each for each in told.diagnostics if each.code in LOSSES]
    here = [each for each in losses if not there or there.intersection((each.source, *each.related))]
    if here and change.stage and not any(change.stage in text for text in told.files.values()):
        return True
    return any(each.feature in features for each in here) or any(each.feature in features and each.feature in OF_ALL for each in losses)


def _told(plan: Plan, target: str) -> Told:
    emission = emit(plan, target)
    diagnostics = (*check(plan), *emission.diagnostics)
    request, _ = prepare(plan, registry.load(target))
    files = {path: _without_header(text, request.header) for path, text in emission.files.items()}
    return Told(files, _findings(diagnostics), diagnostics)


def _findings(diagnostics: Iterable[Diagnostic]) -> tuple[tuple[str, str, str, int], ...]:
    """What is said, and of how many lines; which lines these are is no matter: `source` is a field like others."""
    return tuple((each.code, each.message, each.hint, len(each.related)) for each in diagnostics)


def _without_header(text: str, header: tuple[str, ...]) -> str:
    for line in header:
        text = text.replace(line, "", 1)
    return text


def _silent(before: Told, changed: Plan, target: str) -> bool:
    found = check(changed)
    if any(each.level == "error" for each in found):
        return False
    after = _told(changed, target)
    return after.files == before.files and after.findings == before.findings


def meaning(plan: Plan) -> Plan:
    """The plan in a form in which two that the contract makes one and the same are equal.

    Events stand at the stages that they select; what comes before a stage is all that it needs, directly or not, with the files
    that it asks for (a gate has no use for any); conditions of pull requests are there where there are pull requests.
    """
    selection = select(plan)
    requests = any(event.kind == "pull_request" for event in selection.events)
    order = {stage.name: stage for stage in plan.stages}

    def normal(stage: Stage) -> Stage:
        runs = tuple(sorted(map(_widest, selection.runs(stage)), key=repr))
        return replace(
            stage,
            needs=_all_needs(plan, stage, order),
            on=(*runs, Event("pull_request", name="forks")) if selection.in_forks(stage) else runs,
            only_if=stage.only_if if any(event.kind == "pull_request" for event in runs) else (),
        )

    return replace(plan, stages=tuple(map(normal, plan.stages)), triggers=(), cancel_superseded=plan.cancel_superseded and requests)


def _widest(event: Event) -> Event:
    """Beside `**` other globs say nothing more."""
    return replace(event, branches=("**",)) if "**" in event.branches else event


def _all_needs(plan: Plan, stage: Stage, order: dict[str, Stage]) -> tuple[Need, ...]:
    """All stages before this one, by name; of each the files that are asked for, cell by cell."""
    before = [Need(name) for name in sorted(ancestors(plan, [stage.name]))]
    asked = {
        Need(need.stage, (path,), cell)
        for need in (() if stage.is_gate else stage.needs)
        for path in need.paths
        for cell in cells_of(order[need.stage])
        if need.cell in ((), cell)
    }
    return (*before, *sorted(asked, key=repr))
