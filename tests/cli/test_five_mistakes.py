"""Five mistakes that other generators let through, on the real command line: one clear line each, nothing written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAD = """\
from pipelinekit import Pipeline

p = Pipeline("demo", image="python:3.12-slim")
lint = p.lint("ruff check .")
"""
MISTAKES = {
    "a need that there is not": (
        'p.test("pytest", needs=["lnt"])',
        "pipeline.py:5: error PK004: 'lnt' in needs= is a text, not a stage (needs are values; did you mean 'lint'?)",
    ),
    "a need of another pipeline": (
        'other = Pipeline("other", image="alpine")\ntheirs = other.lint("true")\np.test("pytest", needs=[theirs])',
        "pipeline.py:7: error PK005: lint (pipeline.py:6) belongs to another pipeline",
    ),
    "a cycle": (
        'build = p.build("make", needs=[test])\ntest = p.test("pytest", needs=[build])',
        "pipeline.py:5: error PK021: 'test' is used before it is defined (a stage can only need what stands above it; so needs can't form a cycle)",
    ),
    "an empty script": (
        'p.test("")',
        "pipeline.py:5: error PK007: this test has no command (give it at least one)",
    ),
    "a malformed image name": (
        'p.test("pytest", image="Python:latest:3")',
        'pipeline.py:5: error PK008: \'Python:latest:3\' is no image name (like "python:3.12-slim" or "registry.example.com/team/app:1.4")',
    ),
    "a literal that looks like a secret": (
        f'p.test("pytest", variables={{"API_TOKEN": "ghp_{"a1B2" * 9}"}})',
        "pipeline.py:5: error PK009: variables['API_TOKEN'] looks like a secret in clear text: GitHub Token, ghp_… "
        '(keep it in the system\'s store and name it: secrets=[Secret("API_TOKEN")])',
    ),
}


@pytest.mark.parametrize("words", [["render", "--all"], ["check"]], ids=["render", "check"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_one_clear_line(project: Path, mistake: str, words: list[str]) -> None:
    text, line = MISTAKES[mistake]
    (project / "pipeline.py").write_text(HEAD + text + "\n")
    ended = subprocess.run([sys.executable, "-m", "pipelinekit", *words], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", line + "\n")
    assert [path.name for path in project.iterdir()] == ["pipeline.py"]


def test_a_cycle_from_json_is_named_as_one(project: Path) -> None:
    (project / "pipeline.py").write_text(HEAD + 'test = p.test("pytest", needs=[lint])\n')
    shown = subprocess.run([sys.executable, "-m", "pipelinekit", "show", "--json"], capture_output=True, text=True, check=True).stdout
    (project / "plan.json").write_text(shown.replace('"needs": []', '"needs": [{"stage": "test", "paths": [], "cell": []}]', 1))
    ended = subprocess.run(
        [sys.executable, "-m", "pipelinekit", "check", "--file", "plan.json"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "error PK022: stages need one another: " in ended.stderr
    assert ended.stderr.count("\n") == 1
