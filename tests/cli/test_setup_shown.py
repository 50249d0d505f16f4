"""What `setup` prints is looked at in a terminal: no text of the definition moves its cursor or begins a line of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelinekit.backend import registry
from pipelinekit.cli.setup import setup

DEFINITION = """from pipelinekit import Environment, Pipeline
p = Pipeline("demo", image="busybox:1.37", targets={"drone": {"store": "s3://a"}, "concourse": {"bucket": "a"}})
p.deploy("true", environment=Environment("staging"), needs=[p.gate("Go\\x1b[2J\\x0b?", needs=[p.lint("true")])])
"""


@pytest.mark.parametrize("target", list(registry.entry_points()))
def test_a_gates_question_does_nothing_to_a_terminal(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pipeline.py").write_text(DEFINITION)
    assert setup(target=target, file="pipeline.py") == 0
    out = capsys.readouterr().out
    assert all(line.isprintable() for line in out.split("\n"))
    assert target not in ("concourse", "drone", "cloudbuild") or "Go\\x1b[2J\\x0b?" in out
