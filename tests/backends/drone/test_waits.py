"""What the loss report says of the order of pipelines."""

from pipelinekit import Environment, Pipeline
from pipelinekit.backend.emit import emit

STORE = {"drone": {"store": "s3://bucket"}}


def said(p: Pipeline, feature: str) -> list[tuple[str, str]]:
    found = emit(p.plan(), "drone").diagnostics
    return [(each.code, each.message) for each in found if each.feature == feature]


def test_what_waits_for_more_than_it_needs_is_told() -> None:
    p = Pipeline("demo", image="x", targets=STORE)
    wheel, _ = p.build("a", name="wheel"), p.test("b")
    p.deploy("c", environment=Environment("production"), needs=[wheel])
    (told,) = (message for code, message in said(p, "order") if code == "PK1404")
    assert told.startswith("order (deploy-production): a pipeline waits for all jobs")


def test_what_needs_all_of_them_is_not() -> None:
    p = Pipeline("demo", image="x", targets=STORE)
    wheel = p.build("a", name="wheel")
    p.deploy("c", environment=Environment("production"), needs=[wheel])
    assert [code for code, _ in said(p, "order")] == []


def gated(*, between: bool) -> Pipeline:
    p = Pipeline("demo", image="x", targets=STORE)
    first = p.gate("One?", name="one", needs=[p.test("a")])
    second = p.gate("Two?", name="two", needs=[p.step("b", needs=[first]) if between else first])
    p.deploy("c", environment=Environment("production"), needs=[second])
    return p


def test_two_questions_in_a_row_are_refused() -> None:
    assert [code for code, _ in said(gated(between=False), "gate") if code == "PK1402"] == ["PK1402"]


def test_two_questions_with_a_stage_between_are_not() -> None:
    assert [code for code, _ in said(gated(between=True), "gate")] == ["PK1405"]
