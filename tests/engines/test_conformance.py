"""The fast part of the conformance suite: a spread of the corpus, three scenarios of each, on the engines of the five targets.

`python -m tests.conformance` runs all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import ClassVar

import pytest

from pipelinekit.model.features import FEATURES, uses
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Scenario
from pipelinekit.semantics.selection import select
from pipelinekit.testing import Conformance, corpus
from pipelinekit.testing.pytest import AgreementTests
from pipelinekit.testing.scenarios import scenarios
from tests.conformance import TARGETS

PIPELINES = 15
ROOT = Path(__file__).parents[2]


@cache
def spread() -> dict[str, Plan]:
    """The pipelines that bring most features: each adds more new ones than any other would, or, of two alike, one that is told earlier."""
    plans = {name: corpus.plan(name) for name in corpus.names() if not name.startswith("loss-")}
    features = {name: {use.feature for use in uses(plan, select(plan).events)} for name, plan in plans.items()}
    left = dict.fromkeys(FEATURES)
    chosen: dict[str, Plan] = {}
    while len(chosen) < PIPELINES:
        first = {name: next((number for number, one in enumerate(left) if one in own), len(left)) for name, own in features.items()}
        best = max(sorted(plans.keys() - chosen.keys()), key=lambda name: (len(features[name] & left.keys()), -first[name]))
        chosen[best] = plans[best]
        left = {feature: None for feature in left if feature not in features[best]}
    return dict(sorted(chosen.items()))


@cache
def conformance(target: str) -> Conformance:
    """What a target brings, made once a process."""
    made: Conformance = import_module(f"tests.engines.{target}").conformance()
    return made


class House(AgreementTests):
    target: ClassVar[str]

    @classmethod
    def brings(cls) -> Conformance:
        return conformance(cls.target)

    @classmethod
    def plans(cls) -> Mapping[str, Plan]:
        return spread()

    def scenarios(self, plan: Plan) -> Iterable[Scenario]:
        """The run in which all is well, one in the middle, and the last: mostly a failure, and another event."""
        every = scenarios(plan)
        return dict.fromkeys((every[0], every[len(every) // 2], every[-1]))


class TestGitlab(House):
    target = "gitlab"


class TestJenkins(House):
    target = "jenkins"


class TestCloudbuild(House):
    target = "cloudbuild"


class TestDrone(House):
    target = "drone"


class TestConcourse(House):
    target = "concourse"


def test_most_features_are_in_the_spread() -> None:
    found = {use.feature for plan in spread().values() for use in uses(plan, select(plan).events)}
    assert len(found) > 35


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_read_beside_the_traces_names_a_test(target: str) -> None:
    for feature, place in conformance(target).reads.items():
        path, _, name = place.partition("::")
        assert f"def {name or 'test_'}" in (ROOT / path).read_text(encoding="utf-8"), feature
