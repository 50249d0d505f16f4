"""The conformance suite: each pipeline of the corpus, in each of its scenarios, on each engine of a target, beside the interpreter."""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pipelinekit.backend import registry
from pipelinekit.backend.emit import Verdict, emit, prepare, verdicts
from pipelinekit.backend.interface import SetupStep
from pipelinekit.backend.support import Lowered, Refused, Unsafe, Weakened
from pipelinekit.diagnostics import Diagnostic
from pipelinekit.model.features import Feature, Use
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import field, replace, value
from pipelinekit.semantics.agreement import Difference, Kind, differences
from pipelinekit.semantics.interpreter import prepare as prepare_run
from pipelinekit.semantics.interpreter import simulate
from pipelinekit.semantics.matrix import unroll
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.semantics.trace import Trace
from pipelinekit.testing import record, watch
from pipelinekit.testing.engine import Engine, Level
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.probe import instrument
from pipelinekit.testing.sentinels import LETTERS


@value
class Conformance:
    """What a backend brings to the suite: its target's name, its engines, and the settings without which it would refuse much
    (a store for files, say). The corpus knows no system. `reads` names the features that no engine shows and an independent
    reader compares with the plan, each with the test that does (level L1); `own` those that an engine of level L3 shows by parts
    that aren't the system's own code, each with what these are (level L2); `letters` what stands inside of the secrets' values, where
    the system's store can't hold all of it.
    """

    target: str
    engines: tuple[Engine, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    reads: Mapping[Feature, str] = field(default_factory=dict)
    own: Mapping[Feature, str] = field(default_factory=dict)
    letters: str = LETTERS


@value
class Loss:
    """An entry of a target's table that is Weakened or Unsafe."""

    feature: Feature
    reason: str


@value
class Result:
    """One scenario of one pipeline on one engine. `differences` are those that nothing in the table admits; `witnessed` are the
    losses whose difference showed; `skipped` says why the engine can't show the scenario.
    """

    pipeline: str
    scenario: str
    engine: str
    level: Level
    differences: tuple[Difference, ...] = ()
    witnessed: tuple[Loss, ...] = ()
    skipped: str | None = None
    features: tuple[Feature, ...] = ()

    @property
    def agrees(self) -> bool:
        return self.skipped is None and not self.differences


@value
class Refusal:
    """A pipeline that the target refuses, with the words in which it does."""

    pipeline: str
    features: tuple[str, ...]
    messages: tuple[str, ...]


def fitted(plan: Plan, conformance: Conformance) -> Plan:
    """The plan with the target's settings, and with each of its losses accepted: what is Unsafe is to be looked at too."""
    target = conformance.target
    settings = {**conformance.settings, **plan.targets.get(target, {})}
    plan = replace(plan, targets={**plan.targets, target: settings} if settings else plan.targets)
    request, _ = prepare(plan, registry.load(target))
    lost = {each.use.feature for each in verdicts(request, registry.load(target)) if isinstance(each.support, Weakened | Unsafe)}
    accepted = dict.fromkeys(sorted(lost), "looked at by the conformance suite")
    return replace(plan, accept={**plan.accept, target: {**accepted, **plan.accept.get(target, {})}})


def found(plan: Plan, target: str) -> list[Verdict]:
    """What the target's table says of everything that the plan uses."""
    backend = registry.load(target)
    request, _ = prepare(plan, backend)
    return verdicts(request, backend)


def setup(plan: Plan, target: str) -> tuple[SetupStep, ...]:
    """What is to be configured on the target's server."""
    backend = registry.load(target)
    return tuple(backend.setup(prepare(plan, backend)[0]))


def refusal(pipeline: str, plan: Plan, target: str, said: Iterable[Diagnostic]) -> Refusal:
    """What stands in the way of a plan, by the table's features where it is the table."""
    errors = [each for each in said if each.level == "error"]
    features = dict.fromkeys(each.use.feature for each in found(plan, target) if isinstance(each.support, Refused))
    return Refusal(pipeline, tuple(features), tuple(each.message for each in errors))


def examine(
    conformance: Conformance, pipeline: str, plan: Plan, scenarios: Iterable[Scenario], engines: Iterable[Engine] | None = None
) -> Iterator[Result | Refusal]:
    """Run a pipeline's scenarios on a target's engines (those that are there), and say how each went."""
    plan = fitted(plan, conformance)
    with TemporaryDirectory(prefix="pk-", dir=quick_place()) as folder:
        ground = Ground(Path(folder))
        ground.letters = conformance.letters
        emission = emit(instrument(plan, ground.probe), conformance.target)
        if not emission.ok:
            yield refusal(pipeline, plan, conformance.target, emission.diagnostics)
            return
        said = found(plan, conformance.target)
        ground.setup = setup(plan, conformance.target)
        features: tuple[Feature, ...] = tuple(dict.fromkeys(each.use.feature for each in said))
        scenarios = tuple(scenarios)
        origins = {job.name: job.origin for job in unroll(plan).stages}
        for engine in conformance.engines if engines is None else engines:
            for scenario in scenarios:
                base = Result(pipeline, scenario.name, engine.name, engine.level)
                reason = engine.cannot(plan, scenario)
                if reason is not None:
                    yield replace(base, skipped=reason)
                    continue
                _, differing = observe(ground, emission.files, plan, engine, scenario)
                left, witnessed = _judge(differing, said, scenario, origins)
                shown = tuple(each for each in features if each not in engine.hides and _concerns(each, scenario))
                yield replace(base, differences=left, witnessed=witnessed, features=shown)


def quick_place() -> str | None:
    """Where a ground is best laid: in memory, if the machine has a file system there that takes programs and has room; else None.

    A scenario is some hundred small files: on a disk they take most of its time.
    """
    shm = Path("/dev/shm")
    if not os.access(shm, os.W_OK | os.X_OK):
        return None
    stat = os.statvfs(shm)
    return str(shm) if not stat.f_flag & os.ST_NOEXEC and stat.f_bavail * stat.f_frsize > ROOM else None


def observe(
    ground: Ground, files: Mapping[str, str], plan: Plan, engine: Engine, scenario: Scenario
) -> tuple[Trace, tuple[Difference, ...]]:
    """One scenario on one engine: its trace, and all that is otherwise than the contract says, admitted or not."""
    ground.begin(unroll(plan), scenario)
    watch.lay(ground, files)
    run = prepare_run(plan, scenario, ground.world)
    engine.run(files, ground, scenario)
    trace = record.trace(ground, run, engine.name)
    reference = simulate(plan, scenario, ground.world)
    watched = watch.judge(ground, run, trace, reference, files, record.jobs(ground))
    return trace, (*differences(run, reference, trace), *watched)


ROOM = 512 * 2**20
"""Bytes that grounds in memory may want at once."""

OWN: frozenset[Kind] = frozenset({"attempts", "commands", "environment", "extra-file", "leak", "secret", "services", "published", "output"})
"""Differences that a loss at one stage explains at that stage alone."""


def _judge(
    differing: tuple[Difference, ...], said: list[Verdict], scenario: Scenario, origins: Mapping[str, str]
) -> tuple[tuple[Difference, ...], tuple[Loss, ...]]:
    """What no entry of the table admits, and the entries whose difference showed. `origins` tells the stage of each job."""
    losses = [
        (each.use, each.support)
        for each in said
        if isinstance(each.support, Lowered | Weakened | Unsafe) and each.support.shows and _concerns(each.use.feature, scenario)
    ]
    explained = {one: [(use, loss) for use, loss in losses if _explains(use, loss.shows, one, origins)] for one in differing}
    witnessed = dict.fromkeys(Loss(use.feature, loss.reason) for found in explained.values() for use, loss in found)
    return tuple(one for one, found in explained.items() if not found), tuple(witnessed)


def _explains(use: Use, shows: tuple[Kind, ...], one: Difference, origins: Mapping[str, str]) -> bool:
    if one.kind not in shows:
        return False
    return one.kind not in OWN or use.stage is None or not one.job or origins.get(one.job, one.job) == use.stage.name


def _concerns(feature: Feature, scenario: Scenario) -> bool:
    """Whether a scenario has to do with a feature: what is lost of pull requests explains nothing in the run of a push."""
    if feature == "overtaking":
        return bool(scenario.overtaken)
    if feature in ("push", "branches", "pull_request", "forks", "tag", "schedule", "manual", "inputs"):
        kind = {"branches": "push", "forks": "pull_request", "inputs": "manual"}.get(feature, feature)
        return scenario.happening.kind == kind
    if feature == "timeout":
        return any(failure.kind == "hang" for failure in scenario.failures)
    if feature == "registry":
        return bool(scenario.missing)
    if feature == "secrets":
        return bool(scenario.missing) or scenario.happening.kind == "pull_request"
    if feature in ("retries", "allow_failure"):
        return bool(scenario.failures or scenario.missing)
    return feature != "optional_secrets" or bool(scenario.missing)
