"""Drawings of several shapes, as they are printed."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli.conftest import Call

HEAD = 'from pipelinekit import *\np = Pipeline("demo", image="x")\n'
DRAWINGS = {
    "one": ('p.test("x")', "●  test"),
    "chain": (
        'a = p.lint("x")\nb = p.test("x", needs=[a])\np.step("x", needs=[b])',
        """
        ●  lint
        ●  test
        ●  step
        """,
    ),
    "fork": (
        'a = p.lint("x")\np.test("x", needs=[a])\np.step("x", needs=[a])',
        """
        ●    lint
        ├─●  test
        ●    step
        """,
    ),
    "join": (
        'a = p.lint("x")\nb = p.test("x")\np.step("x", needs=[a, b])',
        """
        ●    lint
        │ ●  test
        └─●  step
        """,
    ),
    "diamond": (
        'a = p.lint("x")\nb = p.test("x", needs=[a])\nc = p.build("x", needs=[a])\np.step("x", needs=[b, c])',
        """
        ●    lint
        ├─●  test
        ● │  build
        └─●  step
        """,
    ),
    "a rail that passes": (
        'a = p.lint("x")\nb = p.test("x")\nc = p.build("x", needs=[b])\nd = p.step("x", needs=[a, c])',
        """
        ●    lint
        │ ●  test
        │ ●  build
        └─●  step
        """,
    ),
    "a crossing": (
        'a = p.lint("x")\nb = p.test("x")\nc = p.build("x", needs=[a])\np.step("x", name="one", needs=[a, b])\np.step("x", name="two", needs=[c])',
        """
        ●      lint
        │ ●    test
        ├─│─●  build
        └─● │  one
            ●  two
        """,
    ),
    "a need that another implies": (
        'a = p.lint("x")\nb = p.test("x", needs=[a])\np.step("x", needs=[a, b])',
        """
        ●  lint
        ●  test
        ●  step
        """,
    ),
    "gate and matrix": (
        'a = p.test("x", matrix=[Matrix("os", "a", "b"), Matrix("python", "3", "4", "5")])\ng = p.gate("Go?", needs=[a])\np.deploy("x", environment=Environment("e"), needs=[g])',
        """
        ●  test × 6
        ◆  gate
        ●  deploy-e
        """,
    ),
    "three to one": (
        'a = p.lint("x")\nb = p.test("x")\nc = p.build("x")\np.step("x", needs=[a, b, c])',
        """
        ●      lint
        │ ●    test
        │ │ ●  build
        └─┴─●  step
        """,
    ),
    "one that goes on": (
        'a = p.lint("x")\nb = p.test("x")\nc = p.build("x", needs=[a, b])\np.step("x", needs=[a])',
        """
        ●    lint
        │ ●  test
        ├─●  build
        ●    step
        """,
    ),
}


def drawn(text: str) -> list[str]:
    return [line.removeprefix("        ") for line in text.strip("\n").splitlines() if line.strip()]


@pytest.mark.parametrize("text, drawing", DRAWINGS.values(), ids=DRAWINGS)
def test_text(project: Path, call: Call, text: str, drawing: str) -> None:
    (project / "pipeline.py").write_text(HEAD + text)
    assert call("graph", "--format", "text").out.splitlines() == drawn(drawing)


def test_text_without_unicode(project: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelinekit.cli.graph import text
    from pipelinekit.load import load

    (project / "pipeline.py").write_text(HEAD + DRAWINGS["three to one"][0])
    plan = load("pipeline.py")
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    lines = list(text(plan))
    monkeypatch.undo()
    assert lines == ["*      lint", "| *    test", "| | *  build", "`-'-*  step"]


SHIP = (
    'a = p.build("x", outputs="dist/")\ng = p.gate("Go?", needs=[a])\np.deploy("x", environment=Environment("prod"), needs=[g, a["dist/"]])'
)


def test_a_pipe_gets_mermaid(project: Path, call: Call) -> None:
    (project / "pipeline.py").write_text(HEAD + SHIP)
    assert call("graph").out.splitlines() == [
        "flowchart LR",
        '  s_build["build"]',
        '  s_gate{"gate"}',
        "  subgraph prod",
        '    s_deploy_prod["deploy-prod"]',
        "  end",
        "  s_build --> s_gate",
        "  s_gate --> s_deploy_prod",
        "  s_build -->|dist/| s_deploy_prod",
    ]


def test_dot(project: Path, call: Call) -> None:
    (project / "pipeline.py").write_text(HEAD + SHIP)
    lines = call("graph", "--format", "dot").out.splitlines()
    assert lines[0] == 'digraph "demo" {' and lines[-1] == "}"
    assert '  "gate" [label="gate", shape="diamond"];' in lines
    assert '  "build" -> "deploy-prod" [label="dist/"];' in lines


def test_what_one_event_starts(project: Path, call: Call) -> None:
    (project / "pipeline.py").write_text(HEAD + SHIP)
    assert call("graph", "--format", "text", "--event", "pull-request").out == "●  build\n"
    assert call("graph", "--format", "text", "--event", "pull_request").out == "●  build\n"
    ended = call("graph", "--event", "pul-request")
    assert (ended.code, "did you mean 'pull-request'?" in ended.err) == (1, True)


def test_an_unknown_format_is_a_wrong_call(project: Path, call: Call) -> None:
    (project / "pipeline.py").write_text(HEAD + SHIP)
    assert call("graph", "--format", "png").code == 2
