"""From a plan to a target's files: ask the table, say what is lost, and print only what is left to be printed honestly."""

from collections.abc import Iterable
from typing import Any

from pipelinekit.backend import pins, registry
from pipelinekit.backend.interface import AnyBackend, File, Request
from pipelinekit.backend.settings import read
from pipelinekit.backend.support import Lowered, Native, Refused, Support, Unsafe, Weakened, support
from pipelinekit.diagnostics import Diagnostic, Level, nearest
from pipelinekit.model.features import FEATURES, Use, uses
from pipelinekit.model.plan import Plan, Source, digest
from pipelinekit.model.value import field, replace, value
from pipelinekit.semantics.pins import moving, pin
from pipelinekit.semantics.selection import select
from pipelinekit.text.header import header


@value
class Emission:
    """A target's files (none when there is an error), and everything there is to say about them."""

    target: str
    files: dict[str, str] = field(default_factory=dict)
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def ok(self) -> bool:
        return not any(diagnostic.level == "error" for diagnostic in self.diagnostics)


@value
class Verdict:
    """What a target makes of one use of a feature."""

    use: Use
    support: Support


def emit(plan: Plan, target: str, *, strict: bool = False) -> Emission:
    """Render `plan` for `target`. With `strict`, a loss that isn't accepted is an error. Raises nothing for bad plans."""
    if target not in registry.entry_points():
        hint = nearest(target, registry.entry_points())
        return Emission(target, diagnostics=(Diagnostic("PK027", "error", f"there is no target {target!r}", hint, plan.source, target),))
    backend = registry.load(target)
    request, findings = prepare(plan, backend)
    if plan.locked is not None:
        findings += pins.unlocked(plan)
        request = replace(request, settings=pins.marked(request.settings))
    findings += verdict_diagnostics(plan, backend, verdicts(request, backend), strict=strict)
    if any(finding.level == "error" for finding in findings):
        return Emission(target, diagnostics=tuple(findings))
    files: dict[str, str] = {}
    for item in backend.render(request):
        if isinstance(item, File):
            files[item.path] = item.text
        else:
            findings.append(replace(item, target=target))
    if plan.locked is not None:
        findings += pins.unlocked_by(backend, request.settings, files, plan.source)
    if any(finding.level == "error" for finding in findings):
        files = {}
    return Emission(target, files, tuple(findings))


def prepare(plan: Plan, backend: AnyBackend) -> tuple[Request[Any], list[Diagnostic]]:
    """What the backend is given, with the digests of the plan's lock in it, and what is wrong with the settings for it."""
    given = plan.targets.get(backend.name, {})
    settings, findings = read(backend.settings, given, backend.name, plan.source)
    made_of = plan
    if plan.locked is not None:
        locked = pins.images(settings, plan.locked)
        settings = replace(settings, **locked)
        plan = pin(plan)
        made_of = replace(plan, targets={backend.name: {**given, **locked}})
    lines = header(plan.source.file.rpartition("/")[2], backend.name, digest(made_of, backend.name))
    return Request(plan, select(plan), settings, lines), findings


def images(plan: Plan, target: str) -> tuple[str, ...] | None:
    """The images that the target's files name by tags, its backend's own among them. None where an error leaves no files."""
    backend = registry.load(target)
    settings, _ = read(backend.settings, plan.targets.get(target, {}), target, plan.source)
    marks = {image: pins.mark(f"{image} as it is asked for") for image in (*moving(plan), *pins.moving_settings(settings).values())}
    emission = emit(replace(plan, locked=marks), target)
    if not emission.ok:
        return None
    return tuple(image for image, mark in marks.items() if any(mark in text for text in emission.files.values()))


def verdicts(request: Request[Any], backend: AnyBackend) -> list[Verdict]:
    """What the target makes of each use of a feature, in the order of the plan. Raw text for other targets is no use."""
    found = []
    for use in uses(request.plan, request.selection.events):
        if use.feature == "raw" and backend.name not in (use.stage.raw if use.stage else request.plan.raw):
            continue
        found.append(Verdict(use, support(backend.table, use, request)))
    return found


def verdict_diagnostics(plan: Plan, backend: AnyBackend, found: Iterable[Verdict], *, strict: bool) -> list[Diagnostic]:
    """One diagnostic for each thing that the target doesn't do natively, with all the places where it is used."""
    accepted = plan.accept.get(backend.name, {})
    grouped: dict[tuple[str, Support], list[Use]] = {}
    for verdict in found:
        if not isinstance(verdict.support, Native) or verdict.use.feature == "raw":
            grouped.setdefault((verdict.use.feature, verdict.support), []).append(verdict.use)
    said = [_diagnostic(backend, verdict, places, accepted.get(feature), strict) for (feature, verdict), places in grouped.items()]
    return [
        *said,
        *_unused_acceptances(plan, backend, {feature for (feature, verdict) in grouped if isinstance(verdict, Weakened | Unsafe)}),
    ]


_LEVELS: dict[type, tuple[str, Level, Level]] = {
    # the code; the level; the level once the loss is accepted
    Native: ("PK1406", "note", "note"),
    Lowered: ("PK1405", "note", "note"),
    Weakened: ("PK1404", "warning", "note"),
    Unsafe: ("PK1403", "error", "note"),
    Refused: ("PK1402", "error", "error"),
}


def _diagnostic(backend: AnyBackend, verdict: Support, places: list[Use], reason: str | None, strict: bool) -> Diagnostic:
    code, level, accepted_level = _LEVELS[type(verdict)]
    feature = places[0].feature
    if reason is not None:
        level = accepted_level
    elif strict and level == "warning":
        level = "error"
    names = list(dict.fromkeys(use.stage.name for use in places if use.stage))
    where = f" ({', '.join(names[:4])}{' …' if len(names) > 4 else ''})" if names else ""
    message = f"{feature}{where}: {verdict.reason or FEATURES[feature]}"
    if reason is not None and not isinstance(verdict, Refused):
        message += f"; accepted: {reason}"
    hint = verdict.hint
    if not hint and reason is None and isinstance(verdict, Weakened | Unsafe):
        hint = f'accept={{"{backend.name}": {{"{feature}": "why that is all right"}}}}'
    related = tuple(dict.fromkeys(use.source for use in places))
    stage = names[0] if len(names) == 1 else None
    return Diagnostic(code, level, message, hint, related[0], backend.name, feature, stage, related[1:])


def _unused_acceptances(plan: Plan, backend: AnyBackend, lost: set[str]) -> Iterable[Diagnostic]:
    source: Source = plan.source
    for feature in plan.accept.get(backend.name, {}):
        if feature not in FEATURES:
            hint = nearest(feature, FEATURES)
            yield Diagnostic("PK028", "error", f"accept: there is no feature {feature!r}", hint, source, backend.name)
        elif feature not in lost:
            yield Diagnostic(
                "PK1407", "warning", f"accept: nothing of {feature!r} is lost here", "take it out", source, backend.name, feature
            )
