"""What a runner asks for beside a private pool."""

import pytest

from pipelinekit import Pipeline, Runner
from pipelinekit.backend.emit import emit

POOL = {"cloudbuild": {"owner": "acme", "repository": "app", "pools": {"large": "projects/a/locations/b/workerPools/c"}}}


def said(runner: Runner) -> list[str]:
    p = Pipeline("demo", image="x", targets=POOL)
    p.test("a", runner=runner)
    return [each.code for each in emit(p.plan(), "cloudbuild").diagnostics if each.feature == "runner"]


@pytest.mark.parametrize("size", [{"cpus": 8}, {"memory": "32Gi"}, {"gpus": 1}, {"arch": "arm64"}], ids=str)
def test_a_pools_machines_are_what_they_are(size: dict[str, object]) -> None:
    assert said(Runner("large", **size)) == ["PK1404"]  # type: ignore[arg-type]  # one option a row


def test_a_pool_alone_is_all_right() -> None:
    assert said(Runner("large")) == ["PK1405"]


def test_a_pool_is_the_whole_builds() -> None:
    p = Pipeline("demo", image="x", targets=POOL)
    p.lint("a", runner=Runner("large"))
    p.test("b", runner=Runner(cpus=8))
    found = [each for each in emit(p.plan(), "cloudbuild").diagnostics if each.feature == "runner"]
    assert [(each.code, each.stage) for each in found] == [("PK1405", "lint"), ("PK1404", "test")]
