"""What no trace has: the files that are in the store after a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelinekit.backend.emit import emit
from pipelinekit.semantics.matrix import unroll
from pipelinekit.semantics.scenario import Failure, Happening, Scenario
from pipelinekit.testing import corpus
from pipelinekit.testing.ground import Ground
from pipelinekit.testing.probe import instrument
from pipelinekit.testing.suite import fitted, setup
from tests.engines.drone import conformance, program
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
    engines.require(program.built()[1])
    drone = conformance()
    plan = fitted(corpus.plan("keep-reports-cache"), drone)
    ground = Ground(tmp_path)
    ground.setup = setup(plan, "drone")
    files = emit(instrument(plan, ground.probe), "drone").files
    ground.begin(unroll(plan), scenario)
    drone.engines[0].run(files, ground, scenario)
    store = ground.work / "store"
    build = store / "acme-ci/widget/acme/widget/1/test"
    assert sorted(str(path.relative_to(build)) for path in store.rglob("*") if path.is_file()) == kept
