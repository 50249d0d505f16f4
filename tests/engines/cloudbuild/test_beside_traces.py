"""What the translation promises and no trace tells: files that stay, caches between runs, and a lock that another run holds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from pipelinekit import Cache, Environment, Pipeline, on
from pipelinekit.backend.emit import emit
from pipelinekit.model.plan import Plan
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.testing import Ground, corpus
from pipelinekit.testing.probe import instrument
from pipelinekit.testing.suite import fitted
from tests.engines.cloudbuild import conformance, container
from tests.engines.cloudbuild.engine import Interpreter
from tests.engines.cloudbuild.played import BUCKET, Played
from tests.readers.engines import require


@pytest.fixture
def engine() -> Iterator[Interpreter]:
    require(container.missing())
    made = conformance().engines[0]
    assert isinstance(made, Interpreter)
    yield made
    made.close()


def run(engine: Interpreter, root: Path, plan: Plan, scenario: Scenario, newer: str = "newer") -> Played:
    """One scenario; `newer` is the commit that overtakes in it."""
    ground = Ground(root)
    plan = fitted(plan, conformance())
    files = emit(instrument(plan, ground.probe), "cloudbuild").files
    ground.begin(plan, scenario)
    ground.commits["newer"] = ground.commits[newer]
    engine.run(files, ground, scenario)
    return Played(ground, engine.builds)


PUSH = Scenario("push")
REQUEST = Scenario("pull request", Happening("pull_request", branch="topic", changed=("src/app.py",)))


def kept(played: Played) -> list[str]:
    """The kept files, without the id of their build."""
    found = (name.split("/", 3) for name in played.bucket if "/keep-" in name)
    return [f"{folder}/{rest}" for _, folder, _, rest in found]


def test_kept_files_and_reports_are_in_the_bucket(engine: Interpreter, tmp_path: Path) -> None:
    plan = corpus.plan("keep-reports-cache")
    found = ["keep-30d/test/reports/junit.xml", "keep-30d/test/score.log"]
    assert kept(run(engine, tmp_path, plan, PUSH)) == found
    assert kept(run(engine, tmp_path, plan, REQUEST)) == found


def test_after_a_failure_nothing_is_kept(engine: Interpreter, tmp_path: Path) -> None:
    """The loss that the table names."""
    failed = Scenario("failed", failures=(Failure("test", 2),))
    assert kept(run(engine, tmp_path, corpus.plan("keep-reports-cache"), failed)) == []


def with_cache() -> Plan:
    p = Pipeline("cached", image="debian:12-slim", triggers=[on.push(), on.pull_request()])
    p.test("cat models/v || echo none", "mkdir -p models && echo new >models/v", cache=Cache("models/", key="requirements.lock"))
    return p.plan()


def test_a_cache_is_there_in_the_next_run(engine: Interpreter, tmp_path: Path) -> None:
    first = run(engine, tmp_path / "1", with_cache(), PUSH)
    assert "none\n" in first.said("test")
    saved = [name for name in first.bucket if "/caches/" in name]
    key = sha256(first.ground.files["requirements.lock"].encode()).hexdigest()[:16]
    assert saved == [f"cached/caches/models-{key}.tgz"]
    engine.stored = tmp_path / "stored"
    shutil.copytree(first.ground.work / "cloud" / "buckets" / BUCKET, engine.stored)
    assert run(engine, tmp_path / "2", with_cache(), REQUEST).said("test") == "new\n"


def test_a_pull_request_saves_no_cache(engine: Interpreter, tmp_path: Path) -> None:
    assert run(engine, tmp_path, with_cache(), REQUEST).bucket == {}


def test_a_delivery_waits_for_the_one_that_holds_the_environment(engine: Interpreter, tmp_path: Path) -> None:
    """An older commit's build is at work when this one starts: this one waits until that has ended, and goes on."""
    p = Pipeline("waits", image="debian:12-slim")
    p.deploy("true", environment=Environment("production"), needs=[p.test("true")])
    played = run(engine, tmp_path, p.plan(), Scenario("beside", overtaken=("production",)), newer="old")
    began = {step.id: step.began for step in played.builds[0].steps}
    assert played.builds[0].status == "SUCCESS"
    assert began["test"] == 0.0
    assert began["deploy-production"] >= 20.0
