"""The ten lines of docs/how-to/own-backend-conformance.md, on a backend that is installed as a stranger's would be."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.generator.shell import fences
from pipelinekit.testing import Engine, Ground

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "own-backend-conformance.md"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with the page's test module, and the backend installed beside it."""
    shutil.copytree(ROOT / "tests" / "testing" / "toy", tmp_path / "pipelinekit_toy", ignore=shutil.ignore_patterns("__pycache__"))
    installed = tmp_path / "pipelinekit_toy-1.dist-info"
    installed.mkdir()
    (installed / "entry_points.txt").write_text("[pipelinekit.backends]\ntoy = pipelinekit_toy:backend\n")
    for fence in fences(PAGE.read_text(encoding="utf-8")):
        if fence["path"]:
            (tmp_path / fence["path"]).write_text(fence["body"], encoding="utf-8")
    return tmp_path


def run(project: Path) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error"]
    environment = {**os.environ, "PYTHONPATH": str(project), "CI": "", "PYTEST_ADDOPTS": ""}
    return subprocess.run(words, cwd=project, env=environment, capture_output=True, text=True, timeout=600, check=False)


def test_a_healthy_backend_passes(project: Path) -> None:
    done = run(project)
    assert done.returncode == 0, done.stdout
    assert "13 passed" in done.stdout


def test_a_loss_that_is_not_told_fails(project: Path) -> None:
    package = project / "pipelinekit_toy" / "__init__.py"
    text = package.read_text(encoding="utf-8")
    package.write_text(re.sub(r'"retries": Weakened\(.*\),', '"retries": Native(),', text), encoding="utf-8")
    done = run(project)
    assert done.returncode == 1
    assert "FAILED test_conformance.py::TestToy::test_agrees[retries]" in done.stdout
    assert "toy-run | attempts test: 1 in place of 3" in done.stdout


def test_it_is_ten_lines() -> None:
    (module,) = (fence["body"] for fence in fences(PAGE.read_text(encoding="utf-8")) if fence["path"])
    assert len(module.splitlines()) <= 10


def test_all_that_an_engine_is_and_says_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    engine = [name for name in (*vars(Engine), *Engine.__annotations__) if not name.startswith("_")]
    assert [name for name in engine if not re.search(rf"\b{name}\b", text)] == []
    inside = {"begin", "say", "log", "started_log", "is_private"}
    ground = [name for name in vars(Ground) if not name.startswith("_") and name not in inside]
    assert [name for name in ground if f"ground.{name}" not in text] == []


def test_the_tables_entries_are_those_of_the_toy() -> None:
    toy = (ROOT / "tests" / "testing" / "toy" / "__init__.py").read_text(encoding="utf-8")
    (entries,) = (fence["body"] for fence in fences(PAGE.read_text(encoding="utf-8")) if fence["body"].startswith('"retries"'))
    assert all(line in toy for line in entries.splitlines())
