"""What a run of the suite says of a target: how far each feature was proven, which losses showed, and what agreed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipelinekit.backend import registry
from pipelinekit.backend.support import Case, Refused, Unsafe, Weakened, cases
from pipelinekit.model.features import FEATURES, Feature
from pipelinekit.model.value import field, value
from pipelinekit.testing.suite import Conformance, Loss, Refusal, Result


@value
class Witness:
    """A loss, and what shows it: a scenario in which the difference was seen, or the reason why no trace can (`static`)."""

    feature: Feature
    reason: str
    pipeline: str = ""
    scenario: str = ""
    static: str = ""

    @property
    def shown(self) -> bool:
        return bool(self.pipeline)


@value
class EngineReport:
    name: str
    level: str
    scenarios: int
    agreements: int
    left_out: dict[str, int] = field(default_factory=dict)


@value
class TargetReport:
    """The figures of one target. `scenarios` and `agreements` count over its engines; `levels` holds, for each feature, the highest
    level at which some scenario that uses it agreed, `refused` where the target refuses all its uses.
    """

    target: str
    pipelines: int
    refused: dict[str, str]
    scenarios: int
    agreements: int
    engines: tuple[EngineReport, ...]
    disagreements: tuple[str, ...]
    losses: tuple[Witness, ...]
    levels: dict[str, str]
    mutants: tuple[int, int] = (0, 0)

    @property
    def shown(self) -> int:
        """Losses that a scenario has shown."""
        return sum(loss.shown for loss in self.losses)

    @property
    def static(self) -> int:
        """Losses that no trace can show, each with its reason."""
        return sum(bool(loss.static) and not loss.shown for loss in self.losses)

    @property
    def unproven(self) -> tuple[Witness, ...]:
        """Losses that should have shown, and didn't."""
        return tuple(loss for loss in self.losses if not loss.shown and not loss.static)

    @property
    def ok(self) -> bool:
        return not self.disagreements and not self.unproven and self.mutants[0] == self.mutants[1]


def summarise(conformance: Conformance, found: Iterable[Result | Refusal], mutants: tuple[int, int] = (0, 0)) -> TargetReport:
    """Put the results of a whole run together."""
    found = tuple(found)
    results = [each for each in found if isinstance(each, Result)]
    refusals = {each.pipeline: ", ".join(each.features) or "; ".join(each.messages) for each in found if isinstance(each, Refusal)}
    ran = [each for each in results if each.skipped is None]
    return TargetReport(
        conformance.target,
        len({each.pipeline for each in found}),
        dict(sorted(refusals.items())),
        len(ran),
        sum(each.agrees for each in ran),
        tuple(_engine(name, level, results) for name, level in dict.fromkeys((each.engine, each.level) for each in results)),
        tuple(f"{e.pipeline} | {e.scenario} | {e.engine} | {'; '.join(map(str, e.differences))}" for e in ran if not e.agrees),
        tuple(_witnesses(conformance.target, ran)),
        _levels(conformance, ran),
        mutants,
    )


def _engine(name: str, level: str, results: list[Result]) -> EngineReport:
    own = [each for each in results if each.engine == name]
    left = Counter(each.skipped for each in own if each.skipped is not None)
    return EngineReport(
        name, level, sum(each.skipped is None for each in own), sum(each.agrees for each in own), dict(sorted(left.items()))
    )


def losses(target: str) -> Iterator[tuple[Feature, Weakened | Unsafe]]:
    """Every entry of a target's table that loses something."""
    for feature, entry in registry.load(target).table.items():
        for each in cases(entry):
            support = each.support if isinstance(each, Case) else each
            if isinstance(support, Weakened | Unsafe):
                yield feature, support


def _witnesses(target: str, ran: list[Result]) -> Iterator[Witness]:
    first: dict[Loss, Result] = {}
    for result in ran:
        for loss in result.witnessed:
            first.setdefault(loss, result)
    for feature, support in losses(target):
        seen = first.get(Loss(feature, support.reason))
        place = (seen.pipeline, seen.scenario) if seen else ("", "")
        yield Witness(feature, support.reason, *place, support.static)


def _levels(conformance: Conformance, ran: list[Result]) -> dict[str, str]:
    best: dict[str, str] = {}
    for result in ran:
        if result.agrees:
            for feature in result.features:
                best[feature] = max(best.get(feature, "L0"), result.level)
    return {feature: _level(conformance, feature, best) for feature in FEATURES}


def _level(conformance: Conformance, feature: Feature, best: Mapping[str, str]) -> str:
    if feature in best:
        return min(best[feature], "L2") if feature in conformance.own else best[feature]
    entries = [each.support if isinstance(each, Case) else each for each in cases(registry.load(conformance.target).table[feature])]
    if all(isinstance(entry, Refused) for entry in entries):
        return "refused"
    return "L1" if feature in conformance.reads else "L0"


def plain(given: Any) -> Any:
    """A report as what JSON has."""
    fields = getattr(given, "__value_fields__", None)
    if fields is not None:
        return {name: plain(getattr(given, name)) for name in fields}
    if isinstance(given, tuple | list):
        return [plain(each) for each in given]
    if isinstance(given, dict):
        return {key: plain(each) for key, each in given.items()}
    return given


def read(data: Mapping[str, Any]) -> TargetReport:
    """The report that `plain` made."""
    given = dict(data)
    given["engines"] = tuple(EngineReport(**each) for each in given["engines"])
    given["losses"] = tuple(Witness(**each) for each in given["losses"])
    given["disagreements"] = tuple(given["disagreements"])
    given["mutants"] = tuple(given["mutants"])
    return TargetReport(**given)
