"""This package delivers itself, by its own definition."""

import subprocess
import sys

import pytest

from pipelinekit.load import load
from tests.chain.locks import ROOT


@pytest.fixture
def plan(monkeypatch):
    monkeypatch.chdir(ROOT)
    return load("pipeline.py")


def test_the_committed_files_are_the_rendered_ones():
    command = [sys.executable, "-m", "pipelinekit", "render", "--all", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_audit_without_an_answer_stops_the_release(plan):
    assert plan.stage("audit").commands == ("python requirements/audit.py --required",)
    assert not plan.stage("audit").allow_failure
    assert "audit" in {need.stage for need in plan.stage("wheel").needs}
    assert "wheel" in {need.stage for need in plan.stage("deploy-pypi").needs}


def test_what_is_released_is_built_once_from_the_lock(plan):
    wheel = plan.stage("wheel")
    assert wheel.commands[0] == "python -m build --no-isolation --outdir dist ."
    assert any("--require-hashes -r requirements/dev.lock" in line for line in wheel.setup)
    assert not any("build" in command for command in plan.stage("deploy-pypi").commands)


def test_only_the_release_sees_a_secret(plan):
    assert [stage.name for stage in plan.stages if stage.secrets] == ["deploy-pypi"]
