"""The suite as pytest tests: a class that says `conformance`, and inherits the rest. Only this module imports pytest.

class TestMake(ConformanceTests):
    conformance = Conformance("make", (Make(),))
"""

import atexit
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

import pytest

from pipelinekit.backend.support import Unsafe, Weakened
from pipelinekit.model.features import Feature
from pipelinekit.model.plan import Plan
from pipelinekit.model.value import replace
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.testing import corpus
from pipelinekit.testing.engine import Engine
from pipelinekit.testing.fields import INEFFECTIVE, Ineffective, silent_fields
from pipelinekit.testing.report import losses
from pipelinekit.testing.scenarios import scenarios
from pipelinekit.testing.suite import Conformance, Loss, Refusal, Result, examine, fitted, found


class AgreementTests:
    """Whether one backend does what the interpreter says. Name the subclass `Test…`, so that pytest finds it."""

    conformance: ClassVar[Conformance]
    pipelines: ClassVar[Sequence[str]] = ()
    """Names of the corpus's pipelines; all of them when empty."""

    _results: ClassVar[dict[str, tuple[Result | Refusal, ...]]]
    _engines: ClassVar[tuple[Engine, ...] | None]

    def __init_subclass__(cls) -> None:
        cls._results, cls._engines = {}, None

    @classmethod
    def brings(cls) -> Conformance:
        """What is tested; to be overridden where it takes long to make."""
        return cls.conformance

    @classmethod
    def plans(cls) -> Mapping[str, Plan]:
        """The pipelines by name; to be overridden for more, or others."""
        return {name: corpus.plan(name) for name in cls.pipelines or corpus.names()}

    def scenarios(self, plan: Plan) -> Iterable[Scenario]:
        """The scenarios of a plan; to be overridden for fewer."""
        return scenarios(plan)

    @classmethod
    def examined(cls, pipeline: str) -> tuple[Result | Refusal, ...]:
        """The results of one pipeline, made once a process."""
        if pipeline not in cls._results:
            plan = cls.plans()[pipeline]
            cls._results[pipeline] = tuple(examine(cls.brings(), pipeline, plan, cls().scenarios(plan), cls.present()))
        return cls._results[pipeline]

    @classmethod
    def present(cls) -> tuple[Engine, ...]:
        """The engines that are there; they end with the process. In CI all must be there, elsewhere one."""
        if cls._engines is None:
            why = {engine: engine.missing() for engine in cls.brings().engines}
            cls._engines = tuple(engine for engine, reason in why.items() if reason is None)
            absent = "; ".join(f"{engine.name} is missing: {reason}" for engine, reason in why.items() if reason is not None)
            if absent and os.environ.get("CI") == "true":
                pytest.fail(absent, pytrace=False)
            if not cls._engines:
                pytest.skip(absent)
            for engine in cls._engines:
                atexit.register(engine.close)
        return cls._engines

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        if "pipeline" in metafunc.fixturenames:
            metafunc.parametrize("pipeline", list(self.plans()))

    def test_agrees(self, pipeline: str) -> None:
        """Each scenario on each engine does what the interpreter says, but for what the table admits."""
        results = self.examined(pipeline)
        _skip_refused(results)
        differing = [
            f"{each.scenario} | {each.engine} | {'; '.join(map(str, each.differences))}"
            for each in results
            if isinstance(each, Result) and each.differences
        ]
        if differing:
            pytest.fail("\n".join(differing), pytrace=False)
        left_out = [each.skipped for each in results if isinstance(each, Result)]
        if all(left_out):
            pytest.skip("; ".join(dict.fromkeys(filter(None, left_out))))


class ConformanceTests(AgreementTests):
    """All that a backend's table promises: what runs agrees, what is lost shows, and nothing else falls under the table."""

    ineffective: ClassVar[Iterable[Ineffective]] = INEFFECTIVE
    """The fields that the files may pass over, each with its reason."""

    @classmethod
    def using(cls, loss: Loss) -> list[str]:
        """The pipelines in which a loss is, those of few scenarios first."""
        brings = cls.brings()
        cost: dict[str, int] = {}
        for name, plan in cls.plans().items():
            said = ((each.use.feature, each.support.reason) for each in found(fitted(plan, brings), brings.target))
            if (loss.feature, loss.reason) in said:
                cost[name] = len(scenarios(plan))
        return sorted(cost, key=cost.__getitem__)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        super().pytest_generate_tests(metafunc)
        if "loss" in metafunc.fixturenames:
            entries = list(dict.fromkeys(losses(self.brings().target)))
            metafunc.parametrize("loss", entries, ids=[feature for feature, _ in entries])

    def test_losses_are_witnessed(self, loss: tuple[Feature, Weakened | Unsafe]) -> None:
        """What the table says is lost shows in some scenario, or can't show for a reason."""
        feature, support = loss
        if support.static:
            return
        wanted = Loss(feature, support.reason)
        if not support.shows:
            pytest.fail(f"{feature}: {support.reason}: neither shows=… nor static=…", pytrace=False)
        for pipeline in self.using(wanted):
            if any(isinstance(each, Result) and wanted in each.witnessed for each in self.examined(pipeline)):
                return
        pytest.fail(f"no scenario shows the loss of {feature}: {support.reason}", pytrace=False)

    def test_no_field_is_silent(self, pipeline: str) -> None:
        """Whatever is changed in a pipeline changes a byte of the files, or a finding."""
        brings = self.brings()
        silent = silent_fields(brings.target, {pipeline: self.plans()[pipeline]}, brings.settings, self.ineffective)
        told = "\n".join(map(str, silent))
        if told:
            pytest.fail(told, pytrace=False)


def _skip_refused(results: Iterable[Result | Refusal]) -> None:
    for each in results:
        if isinstance(each, Refusal):
            pytest.skip(f"refused: {', '.join(each.features) or '; '.join(each.messages)}")


def only(conformance: Conformance, *engines: str) -> Conformance:
    """The same with fewer engines, by name."""
    return replace(conformance, engines=tuple(each for each in conformance.engines if each.name in engines))
