"""The lines around a stage's commands, run by a shell."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pipelinekit.model.plan import Service, Stage
from pipelinekit.text import script


def run(lines: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["sh", "-e"], input=script.joined(lines), cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "command", ["exit 0", "cd /", "set +e", "trap 'true' EXIT", "exec true", ". ./leave", "true; . ./leave", "eval 'exit 0'", "set -f"]
)
def test_commands_cant_touch_what_comes_after_them(command: str, tmp_path: Path):
    (tmp_path / "leave").write_text("exit 0\n")
    stage = Stage("make", "build", commands=("echo made >out", command), outputs=("out",))
    assert run(script.commands(stage, ["cat ou*"]), tmp_path).stdout == "made\n"


def test_a_failing_command_fails_before_what_comes_after(tmp_path: Path):
    stage = Stage("make", "build", commands=("touch out", "cd .", "false"), outputs=("out",))
    ended = run(script.commands(stage, ["echo after"]), tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")


@pytest.mark.parametrize(("made", "code"), [("mkdir -p out/deep; touch out/deep/file", 0), ("mkdir -p out/deep", 1), ("true", 1)])
def test_a_folder_without_a_file_is_missing(made: str, code: int, tmp_path: Path):
    stage = Stage("make", "build", commands=(made,), outputs=("out/",))
    assert run(script.commands(stage), tmp_path).returncode == code


def test_a_service_that_never_answers_fails_the_job(tmp_path: Path):
    ended = run(["sleep() { :; }", "waited=mine", script.wait_for(Service("localhost", "x", 1), 1)], tmp_path)
    assert (ended.returncode, ended.stderr) == (1, "localhost:1 does not answer\n")
