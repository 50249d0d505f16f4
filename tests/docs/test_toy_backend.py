"""The backend of docs/backends.md, through the registry, to a Makefile that make runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.generator.shell import fences

PAGE = Path(__file__).parents[2] / "docs" / "backends.md"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A folder with the page's files, the package installed beside them."""
    for fence in fences(PAGE.read_text(encoding="utf-8")):
        if fence["path"]:
            (tmp_path / fence["path"]).write_text(fence["body"], encoding="utf-8")
        elif fence["word"] == "toml":
            installed = tmp_path / "pipelinekit_make-1.dist-info"
            installed.mkdir()
            points = fence["body"].replace('[project.entry-points."pipelinekit.backends"]', "[pipelinekit.backends]").replace('"', "")
            (installed / "entry_points.txt").write_text(points, encoding="utf-8")
    return tmp_path


def pipelinekit(toy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(toy)}
    command = [sys.executable, "-m", "pipelinekit", *words]
    return subprocess.run(command, cwd=toy, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_it_renders_what_make_runs(toy: Path) -> None:
    done = pipelinekit(toy, "render", "--target", "make")
    assert (done.returncode, done.stdout) == (0, "make: pipeline.mk\n")
    assert "warning PK1404: [make] push: runs when somebody types make" in done.stderr
    if shutil.which("make"):
        made = subprocess.run(["make", "-s", "-f", "pipeline.mk"], cwd=toy, capture_output=True, text=True, timeout=60, check=True)
        assert made.stdout.splitlines() == ["lint", "test small costs $1", "test large costs $1"]


def test_it_refuses_what_it_has_no_form_for(toy: Path) -> None:
    with (toy / "pipeline.py").open("a", encoding="utf-8") as file:
        file.write('p.lint("echo slow", name="slow", timeout="5m")\n')
    done = pipelinekit(toy, "render", "--target", "make")
    assert done.returncode == 1
    assert "pipeline.py:7: error PK1402: [make] timeout (slow): make has nothing like it" in done.stderr
    assert not (toy / "pipeline.mk").exists()


def test_its_settings_are_checked(toy: Path) -> None:
    file = toy / "pipeline.py"
    file.write_text(file.read_text(encoding="utf-8").replace('slim")', 'slim", targets={"make": {"fiel": "x"}})'), encoding="utf-8")
    assert "PK028" in pipelinekit(toy, "check", "--target", "make").stderr


def test_set_up_is_printed(toy: Path) -> None:
    assert "apt-get install make" in pipelinekit(toy, "setup", "--target", "make").stdout
