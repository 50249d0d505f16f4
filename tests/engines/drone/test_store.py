"""What no trace has: the files that are in the store after a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.semantics.matrix import unroll
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.testing import corpus
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.probe import instrument
from pipelinekit.testing.suite import fitted, setup
from tests.engines.drone import conformance, host, program
from tests.engines.drone.server import Run
from tests.readers import engines

PUSH = Happening()
PULL_REQUEST = Happening("pull_request", branch="feature/one", changed=("src/app.py",))


@pytest.mark.parametrize(
    ("scenario", "kept"),
    [
        (Scenario("push", PUSH), ["reports/junit.xml", "score.log"]),
        (Scenario("push, test fails", PUSH, failures=(Failure("test", 2),)), ["reports/junit.xml"]),
        (Scenario("pull request", PULL_REQUEST), []),
    ],
    ids=lambda each: each.name if isinstance(each, Scenario) else "",
)
def test_reports_and_kept_files_are_in_the_store(tmp_path: Path, scenario: Scenario, kept: list[str]) -> None:
    ground, files = rendered(tmp_path, "keep-reports-cache", scenario)
    conformance().engines[0].run(files, ground, scenario)
    store = ground.work / "store"
    build = store / "acme-ci/widget/acme/widget/1/test"
    assert sorted(str(path.relative_to(build)) for path in store.rglob("*") if path.is_file()) == kept


@pytest.mark.parametrize(("days", "status"), [(2, "success"), (4, "failure")])
def test_an_answer_that_comes_too_late_delivers_nothing(tmp_path: Path, days: int, status: str) -> None:
    scenario = Scenario("push", PUSH)
    ground, files = rendered(tmp_path, "gate-after-matrix", scenario)
    run = Run(files, ground, scenario)
    name, payload = host.webhook(PUSH, ground)
    first = run.talk.command(hook=name, payload=payload)
    marks = list((ground.work / "store").rglob("passed/*"))
    assert marks
    for mark in marks:
        mark.write_text(f"{int(mark.read_text()) - days * 86_400}\n")
    [(_, target)] = run.desk.answers
    assert run.talk.command(promote=first["build"], target=target)["status"] == status
    run.talk.close()


def rendered(folder: Path, pipeline: str, scenario: Scenario) -> tuple[Ground, Mapping[str, str]]:
    """A ground on which a scenario of a pipeline is about to happen, and the pipeline's files."""
    engines.require(program.built()[1])
    plan = fitted(corpus.plan(pipeline), conformance())
    ground = Ground(folder)
    ground.setup = setup(plan, "drone")
    ground.begin(unroll(plan), scenario)
    return ground, emit(instrument(plan, ground.probe), "drone").files
