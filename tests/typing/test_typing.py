"""Type checkers take what is right and refuse what is wrong, line by line."""

from __future__ import annotations

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipelinekit import Pipeline
from pipelinekit.authoring.kinds import Build, Check, Delivery

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PASS, FAIL = sorted(HERE.glob("pass_*.py")), sorted(HERE.glob("fail_*.py"))
MARK = re.compile(r"  # mypy: (?P<mypy>[\w,-]+) \| pyright: (?P<pyright>[\w,]+)$")
Errors = dict[tuple[str, int], set[str]]

pytestmark = pytest.mark.typing


def marked(checker: str) -> Errors:
    """What the comments in the files expect."""
    found: Errors = {}
    for path in FAIL:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            mark = MARK.search(line)
            if mark:
                found[path.name, number] = set(mark[checker].split(","))
    return found


def by_mypy() -> Errors:
    options = ["--strict", "--show-error-codes", "--no-error-summary", "--no-pretty", "--hide-error-context", "--config-file", str(ROOT / "pyproject.toml")]
    words = [sys.executable, "-m", "mypy", *options, *(str(path) for path in (*PASS, *FAIL))]
    said = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert not said.stderr, said.stderr
    found: Errors = {}
    for line in said.stdout.splitlines():
        error = re.match(r"(?P<file>.+?):(?P<line>\d+)(?::\d+)?: error: .*\[(?P<code>[\w-]+)\]$", line)
        if error:
            found.setdefault((Path(error["file"]).name, int(error["line"])), set()).add(error["code"])
    return found


def by_pyright(folder: Path) -> Errors:
    """In a project of its own: the repository's settings leave these files out."""
    settings = {
        "include": [os.path.relpath(path, folder) for path in (*PASS, *FAIL)],
        "exclude": ["nothing"],
        "extraPaths": [str(ROOT)],
        "typeCheckingMode": "standard",
        "pythonVersion": "3.11",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    words = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", str(folder)]
    said = json.loads(subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stdout)
    assert said["summary"]["filesAnalyzed"] >= len(PASS) + len(FAIL)
    found: Errors = {}
    for each in said["generalDiagnostics"]:
        if each["severity"] == "error":
            found.setdefault((Path(each["file"]).name, each["range"]["start"]["line"] + 1), set()).add(each["rule"])
    return found


def test_mypy_refuses_exactly_the_marked_lines() -> None:
    assert by_mypy() == marked("mypy")


def test_pyright_refuses_exactly_the_marked_lines(tmp_path: Path) -> None:
    expected, found = marked("pyright"), by_pyright(tmp_path)
    assert set(found) == set(expected)
    # Where no overload fits, versions of pyright name the call or its argument.
    assert {place: codes for place, codes in found.items() if not codes <= expected[place]} == {}


def test_every_line_that_is_code_is_marked() -> None:
    """Behind its header each line of a fail file is bad, blank or a comment."""
    for path in FAIL:
        body = path.read_text().partition("\n\n# ")[2].splitlines()[1:]
        assert [line for line in body if line and not line.startswith("#") and not MARK.search(line)] == []


@pytest.mark.parametrize("call", [Check.__call__, Build.__call__, Delivery.__call__, Pipeline.gate, Pipeline.__init__])
def test_options_are_spelled_out(call: object) -> None:
    """No **kwargs anywhere: completion shows every option, each by keyword and with a type."""
    parameters = list(inspect.signature(call).parameters.values())[1:]  # type: ignore[arg-type]
    assert all(each.kind is not inspect.Parameter.VAR_KEYWORD for each in parameters)
    assert all(each.annotation is not inspect.Parameter.empty for each in parameters)
    assert sum(each.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD for each in parameters) <= 1


def test_the_pass_files_use_every_option() -> None:
    text = "\n".join(path.read_text() for path in PASS)
    for call in (Check.__call__, Build.__call__, Delivery.__call__, Pipeline.gate, Pipeline.__init__):
        for name, each in inspect.signature(call).parameters.items():
            if each.kind is inspect.Parameter.KEYWORD_ONLY:
                assert re.search(rf"\b{name}=", text), name


@pytest.mark.parametrize("path", PASS, ids=[path.stem for path in PASS])
def test_what_type_checks_is_a_definition(path: Path) -> None:
    from pipelinekit.load import load

    assert load(str(path)).stages
