"""render and check: files, differences, findings in three forms, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelinekit.backend import registry
from tests.cli.conftest import Call

DEFINITION = """\
from pipelinekit import Pipeline
p = Pipeline("demo", image="python:3.12-slim")
p.test("pytest")
"""


@pytest.fixture
def here(project: Path) -> Path:
    (project / "pipeline.py").write_text(DEFINITION)
    return project


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} - {"pipeline.py"}


def test_all_targets_write_their_files(here: Path, call: Call) -> None:
    ended = call("render", "--all")
    assert ended.code == 0
    written = [line.partition(": ")[2] for line in ended.out.splitlines()]
    assert set(written) == files(here)
    assert {line.partition(":")[0] for line in ended.out.splitlines()} == set(registry.entry_points())


def test_a_second_time_nothing_changes(here: Path, call: Call) -> None:
    call("render", "--target", "gitlab")
    assert call("render", "--target", "gitlab").out == "gitlab: .gitlab-ci.yml (unchanged)\n"


def test_check_is_silent_when_nothing_differs(here: Path, call: Call) -> None:
    call("render", "--target", "gitlab")
    ended = call("render", "--target", "gitlab", "--check")
    assert (ended.code, ended.out, ended.err) == (0, "", "")


def test_check_shows_one_changed_byte_and_writes_nothing(here: Path, call: Call) -> None:
    call("render", "--target", "gitlab")
    path = here / ".gitlab-ci.yml"
    path.write_text(path.read_text().replace("pytest", "pytesT"))
    ended = call("render", "--target", "gitlab", "--check")
    assert ended.code == 1
    assert "pytesT" in ended.out and "+++ .gitlab-ci.yml (rendered)" in ended.out
    assert ended.err.startswith(".gitlab-ci.yml: error PK1401: [gitlab] .gitlab-ci.yml is not what the definition renders to")
    assert "pytesT" in path.read_text()


def test_check_misses_a_file_that_is_not_there(here: Path, call: Call) -> None:
    assert call("render", "--target", "gitlab", "--check").code == 1
    assert files(here) == set()


def test_stdout_prints_the_file_and_nothing_else(here: Path, call: Call) -> None:
    ended = call("render", "--target", "gitlab", "--stdout")
    call("render", "--target", "gitlab")
    assert (ended.code, ended.out) == (0, (here / ".gitlab-ci.yml").read_text())


def test_stdout_of_several_files_names_them(here: Path, call: Call) -> None:
    out = call("render", "--all", "--stdout").out
    assert "==> .gitlab-ci.yml <==\n" in out and "==> Jenkinsfile <==\n" in out
    assert files(here) == set()


def test_files_stand_beside_the_definition_or_where_one_says(here: Path, call: Call, tmp_path: Path) -> None:
    (here / "sub").mkdir()
    (here / "sub" / "pipeline.py").write_text(DEFINITION)
    call("render", "--target", "gitlab", "--file", "sub/pipeline.py")
    call("render", "--target", "gitlab", "--output", "out")
    assert files(here) == {"sub/.gitlab-ci.yml", "sub/pipeline.py", "out/.gitlab-ci.yml"}


def test_somebody_elses_file_stays_until_forced(here: Path, call: Call) -> None:
    (here / ".gitlab-ci.yml").write_text("theirs: true\n")
    ended = call("render", "--target", "gitlab")
    assert (ended.code, "error PK1409" in ended.err) == (1, True)
    assert call("render", "--target", "gitlab", "--force").code == 0


@pytest.mark.parametrize("command", ["render", "check", "explain", "setup"])
def test_an_unknown_target_is_a_wrong_call(here: Path, call: Call, command: str) -> None:
    ended = call(command, "--target", "circle")
    assert ended.code == 2
    assert "there is no target 'circle'" in ended.err
    assert "gitlab" in ended.err
    assert ended.out == ""


def test_no_target_is_a_wrong_call(here: Path, call: Call) -> None:
    ended = call("render")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("name a target: --target cloudbuild|concourse|drone|gitlab|jenkins")


@pytest.mark.parametrize("words", [("--unknown",), ("--target",), ("extra",)])
def test_a_wrong_option_is_a_wrong_call(here: Path, call: Call, words: tuple[str, ...]) -> None:
    assert call("render", *words).code == 2


BAD = DEFINITION + 'p.lint("x", on=[])\np.step("x", on=[])\n'


@pytest.mark.parametrize("command", [("render", "--target", "gitlab"), ("check", "--target", "gitlab"), ("check",)])
def test_findings_as_json(here: Path, call: Call, command: tuple[str, ...]) -> None:
    (here / "pipeline.py").write_text(BAD)
    ended = call(*command, "--json")
    found = json.loads(ended.out)
    assert ended.code == 1
    assert [(each["code"], each["level"], each["file"], each["line"], each["stage"]) for each in found] == [
        ("PK035", "error", "pipeline.py", 4, "lint"),
        ("PK035", "error", "pipeline.py", 5, "step"),
    ]
    assert set(found[0]) == {"code", "level", "file", "line", "message", "hint", "target", "feature", "stage", "related", "limit"}


@pytest.mark.parametrize("command", [("render", "--target", "gitlab"), ("check",)])
def test_findings_as_sarif(here: Path, call: Call, command: tuple[str, ...]) -> None:
    (here / "pipeline.py").write_text(BAD)
    ended = call(*command, "--sarif")
    (run,) = json.loads(ended.out)["runs"]
    assert ended.code == 1
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["PK035"]
    assert [result["locations"][0]["physicalLocation"]["region"]["startLine"] for result in run["results"]] == [4, 5]
    assert {result["level"] for result in run["results"]} == {"error"}


def test_nothing_found_is_an_empty_list(here: Path, call: Call) -> None:
    (here / "pipeline.py").write_text(DEFINITION.replace("3.12-slim", f"3.12-slim@sha256:{'5' * 64}"))
    assert json.loads(call("check", "--json").out) == []
    assert json.loads(call("check", "--sarif").out)["runs"][0]["results"] == []


def test_check_says_that_all_is_well(here: Path, call: Call) -> None:
    ended = call("check", "--target", "gitlab")
    assert (ended.code, ended.out) == (0, "pipeline.py: no errors\n")


def test_a_plan_as_json_is_a_definition_too(here: Path, call: Call) -> None:
    (here / "plan.json").write_text(call("show", "--json").out)
    one = call("render", "--target", "gitlab", "--stdout").out
    other = call("render", "--target", "gitlab", "--stdout", "--file", "plan.json").out
    assert one.splitlines()[1:] == other.splitlines()[1:]


def test_strict_turns_a_loss_into_an_error(here: Path, call: Call) -> None:
    """What Drone can't keep of a delivery is a warning that --strict doesn't take."""
    (here / "pipeline.py").write_text(
        DEFINITION.replace("Pipeline\n", "Environment, Pipeline\n", 1) + 'p.deploy("x", environment=Environment("prod"))\n'
    )
    lenient, strict = call("check", "--target", "drone"), call("check", "--target", "drone", "--strict")
    assert (lenient.code, "warning PK1404: [drone] overtaking" in lenient.err) == (0, True)
    assert (strict.code, "error PK1404: [drone] overtaking" in strict.err) == (1, True)


def test_notes_are_counted_and_shown_when_asked_for(here: Path, call: Call) -> None:
    (here / "pipeline.py").write_text(DEFINITION + 'p.lint("x", raw={"gitlab": {"interruptible": True}})\n')
    assert "note: see pipelinekit explain, or --verbose" in call("check", "--target", "gitlab").err
    assert "note PK1406: [gitlab] raw (lint)" in call("check", "--target", "gitlab", "--verbose").err


def test_version(call: Call) -> None:
    from pipelinekit.version import VERSION

    assert call("--version") == (0, f"pipelinekit {VERSION}\n", "")


@pytest.mark.parametrize("form", ["--json", "--sarif"])
def test_files_and_findings_never_share_standard_output(here: Path, call: Call, form: str) -> None:
    ended = call("render", "--target", "gitlab", "--stdout", form)
    assert (ended.code, ended.out) == (2, "")
    assert "name one" in ended.err
