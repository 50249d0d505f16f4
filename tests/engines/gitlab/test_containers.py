"""Services of GitLab's files as real containers, which answer at their alias and port."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.semantics.scenario import Failure, Scenario
from pipelinekit.testing import Conformance, Result, corpus, examine
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.probe import instrument
from pipelinekit.testing.suite import fitted, observe, setup
from tests.readers import engines

from .containers import Containers, Podman, available

PIPELINES = ("services", "services-shared", "services-of-cells", "services-and-files", "retries-with-services")
PUSH = Scenario("push")


@pytest.fixture(scope="module")
def engine() -> Iterator[Containers]:
    engines.require(available())
    try:
        found = Containers(Podman())
    except RuntimeError as error:
        engines.require(str(error))
        raise
    yield found
    found.close()


@pytest.mark.parametrize("name", [name if name == "services" else pytest.param(name, marks=pytest.mark.slow) for name in PIPELINES])
def test_services_are_reached_by_alias_and_port(engine: Containers, name: str) -> None:
    (result,) = examine(Conformance("gitlab", (engine,)), name, corpus.plan(name), [PUSH])
    assert isinstance(result, Result)
    assert result.agrees, [str(each) for each in result.differences]


@pytest.mark.slow
def test_a_job_whose_service_has_another_name_never_gets_to_its_commands(engine: Containers, tmp_path: Path) -> None:
    """So that the test above can fail: the file is the same but for the alias."""
    plan = fitted(corpus.plan("services"), Conformance("gitlab", (engine,)))
    ground = Ground(tmp_path)
    ground.setup = setup(plan, "gitlab")
    files = emit(instrument(plan, ground.probe), "gitlab").files
    wrong = {path: text.replace("alias: db", "alias: database").replace("-lt 60", "-lt 1") for path, text in files.items()}
    _, found = observe(ground, wrong, plan, engine, PUSH)
    assert ("outcome", "test") in {(each.kind, each.job) for each in found}
    assert "db:5432 does not answer" in "".join(path.read_text() for path in (ground.state / "output").iterdir())


@pytest.mark.slow
def test_a_failure_in_a_container_fails_the_run(engine: Containers) -> None:
    plan = corpus.plan("services")
    scenario = Scenario("push, lint fails", failures=(Failure("lint"),))
    (result,) = examine(Conformance("gitlab", (engine,)), "services", plan, [scenario])
    assert isinstance(result, Result)
    assert result.agrees, [str(each) for each in result.differences]
