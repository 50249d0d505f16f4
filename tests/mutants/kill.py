"""Who notices a seeded bug: a reader of the files, a rule of idiom, or a trace that isn't the interpreter's.

Only what is silent about the backend without the bug can notice one.
"""

from __future__ import annotations

import importlib
import importlib.util
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.load import load
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import Conformance, Engine, Result, corpus, examine
from pipelinekit.testing.scenarios import scenarios
from pipelinekit.testing.suite import fitted
from tests import golden_cases
from tests.mutants import Mutant
from tests.mutants.patches import Unfit, forget, in_force
from tests.readers import scalars
from tests.test_golden import problems

SECONDS = 10.0
"""What finding a bug may take on a machine that has nothing else to do."""
PATIENCE = 60.0
"""How long it is looked for, on a machine that may have."""

GOLDEN = "golden/"
EXAMPLE = "examples/price-service"
ROOT = Path(__file__).parents[2]

Files = Mapping[str, str]
Look = Callable[[str, Plan, Files], str]


@dataclass(frozen=True)
class Kill:
    """What noticed the bug (`render`, `reader`, `yaml`, `idiom` or `trace`), on which pipeline, in which words, after how long."""

    by: str
    pipeline: str
    words: str
    seconds: float

    def __str__(self) -> str:
        return f"{self.by} on {self.pipeline}: {self.words}"


@dataclass(frozen=True)
class Alive:
    """Nobody noticed: how many pipelines' files changed, and after how long that was given up."""

    changed: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        return f"nobody noticed, though the files of {', '.join(self.changed[:6])} changed"


def pipelines() -> tuple[str, ...]:
    """The names of everything that is looked at: the corpus, the golden cases and the example."""
    return (*corpus.names(), *(GOLDEN + case for case in golden_cases.cases()), EXAMPLE)


@cache
def plan_of(name: str) -> Plan:
    """The plan of a name. Raises Unfit for one that there is not."""
    if name == EXAMPLE:
        return load(str(ROOT / EXAMPLE / "pipeline.py"))
    if name in corpus.names():
        return corpus.plan(name)
    case = name.removeprefix(GOLDEN)
    if case not in golden_cases.cases():
        raise Unfit(f"there is no pipeline {name!r}")
    return golden_cases.plan(case)


@cache
def conformance(target: str) -> Conformance:
    """The target's engines that run on this machine, with its settings; none before it has any."""
    if importlib.util.find_spec(f"tests.engines.{target}") is None:
        return Conformance(target, (), {})
    module: Any = importlib.import_module(f"tests.engines.{target}")
    if not hasattr(module, "conformance"):
        return Conformance(target, (), {})
    made: Conformance = module.conformance()
    return Conformance(target, tuple(engine for engine in made.engines if engine.missing() is None), made.settings)


@cache
def sound(target: str, name: str) -> tuple[Plan, Files]:
    """A pipeline as the suite gives it to the target, and its files without any bug; none where it is refused."""
    plan = fitted(plan_of(name), conformance(target))
    return plan, emit(plan, target).files


def kill(target: str, mutant: Mutant, seconds: float = PATIENCE) -> Kill | Alive:
    """Who notices the bug within that time. Raises Unfit for a patch that is none: no file changes by it."""
    named = tuple(dict.fromkeys(mutant.pipelines))
    for name in (*named, *pipelines()):
        sound(target, name)  # before the clock and the patch
    start = time.monotonic()
    changed: dict[str, Files] = {}
    for name in dict.fromkeys((*named, *pipelines())):
        plan, files = sound(target, name)
        try:
            with in_force(target, mutant):
                found = emit(plan, target).files if files else files
        except Unfit:
            raise
        except Exception as error:  # noqa: BLE001  # whatever a broken backend raises, everybody sees it
            return Kill("render", name, f"{type(error).__name__}: {error}", time.monotonic() - start)
        if found != files:
            changed[name] = found
    if not changed:
        raise Unfit(f"{target}: {mutant.name}: no byte of any file changes")
    words = next(_noticed(target, mutant, named, changed, start + seconds), None)
    took = time.monotonic() - start
    return Kill(*words, took) if words else Alive(tuple(changed), took)


def _noticed(
    target: str, mutant: Mutant, named: Iterable[str], changed: Mapping[str, Files], until: float
) -> Iterator[tuple[str, str, str]]:
    """All who notice, the named pipelines first, then files before traces."""
    first = [name for name in named if name in changed]
    rest = [name for name in changed if name not in first]
    for names in (first, rest):
        for look in (_files, _traces):
            for name in names:
                if time.monotonic() > until:
                    return
                for by, words in look(target, mutant, name, changed[name], until):
                    yield by, name, words


def _files(target: str, mutant: Mutant, name: str, found: Files, until: float) -> Iterator[tuple[str, str]]:
    """What readers and rules of idiom say of the files, where they have nothing against those without the bug."""
    plan, files = sound(target, name)
    if not found:
        return  # refused in place of rendered: no bug of an emitter
    for by, ask in (("reader", lambda given: problems(target, given)), ("yaml", scalars.problems)):
        said = _said(ask, found)
        if said and not _said(ask, files):
            yield by, said
    for rule, said in idiom(target, plan, found).items():
        if rule not in idiom(target, plan, files):
            yield "idiom", f"{rule}: {said}" if said else rule


def _said(ask: Callable[[Files], list[str]], files: Files) -> str:
    """The first thing that a reader says; a reader that can't go on has said something too."""
    try:
        return next(iter(ask(files)), "")
    except Exception as error:  # noqa: BLE001  # readers of sound files never raise, which is looked at as well
        return f"{type(error).__name__}: {error}"


CASE = "mutant"


def idiom(target: str, plan: Plan, files: Files) -> dict[str, str]:
    """The idiom rules of a target that these files break, with what they say."""
    module: Any = importlib.import_module(f"tests.idiom.test_{target}")
    broken: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(module, "files_of", lambda _: files)
        if hasattr(module, "plan_of"):
            monkeypatch.setattr(module, "plan_of", lambda _: plan)
        forget([module])
        asked = module.Pipeline(files["ci/pipeline.yml"]) if target == "concourse" else CASE
        rules = module.RULES if isinstance(module.RULES, dict) else {name: getattr(module, f"test_{name}") for name in module.RULES}
        for name, rule in rules.items():
            said = _broken(rule, asked)
            if said is not None:
                broken[name] = said
    forget([module])
    return broken


def _broken(rule: Callable[[Any], Any], asked: Any) -> str | None:
    """What a rule says, in each of the three ways in which rules speak: a failed assertion, False, or words; None when it holds."""
    try:
        found = rule(asked)
        if found is False:
            return ""
        return next(iter(found), None) if found not in (None, True) else None
    except AssertionError as error:
        return str(error).partition("\n")[0]
    except Exception as error:  # noqa: BLE001  # files that a rule can't even read
        return f"{type(error).__name__}: {error}"


def _traces(target: str, mutant: Mutant, name: str, found: Files, until: float) -> Iterator[tuple[str, str]]:
    """The scenarios of a pipeline of the corpus that agree with the interpreter only without the bug."""
    if name not in corpus.names() or not found:
        return
    for engine in conformance(target).engines:
        left = {scenario.name: scenario for scenario in sorted(scenarios(plan_of(name)), key=_mishaps)}
        while left and time.monotonic() < until:
            with in_force(target, mutant):
                bad = _disagreeing(target, name, engine, left, until)
            if bad is None:
                break
            for sound_one in examine(conformance(target), name, plan_of(name), [bad[0]], [engine]):
                if isinstance(sound_one, Result) and sound_one.agrees:
                    yield "trace", f"{bad[0].name}, on {engine.name}: {bad[1].differences[0]}"


def _mishaps(scenario: Scenario) -> int:
    """What happens beside the event: most bugs show without, and each event on its own is soon tried."""
    return len(scenario.failures) + len(scenario.rejected) + len(scenario.missing) + len(scenario.overtaken)


def _disagreeing(target: str, name: str, engine: Engine, left: dict[str, Scenario], until: float) -> tuple[Scenario, Result] | None:
    """The next scenario whose trace isn't the interpreter's; those that were tried are taken out of `left`."""
    for result in examine(conformance(target), name, plan_of(name), tuple(left.values()), [engine]):
        if not isinstance(result, Result):
            return None
        tried = left.pop(result.scenario)
        if result.differences:
            return tried, result
        if time.monotonic() > until:
            return None
    return None
