"""Trace files: what is written is read back, and what is no trace is refused with its line."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinekit.model.plan import EventKind
from pipelinekit.model.value import REQUIRED
from pipelinekit.semantics import agreement
from pipelinekit.semantics.scenario import Failure, FailureKind, Happening, Scenario
from pipelinekit.semantics.trace import (
    NAMES,
    Command,
    Decision,
    Gate,
    JobEnd,
    JobSkip,
    JobStart,
    Line,
    Outcome,
    RunEnd,
    RunOutcome,
    RunStart,
    Why,
    read,
    to_json,
    write,
)
from pipelinekit.semantics.trace_border import read_line

SCENARIO = Scenario(
    "pull request, test hangs",
    Happening("pull_request", branch="feature/ü", fork=True, changed=("a b", "c"), inputs=(("x", "1"),)),
    failures=(Failure("test", 1, "hang", attempts=2),),
    missing=("TOKEN",),
)
ROWS: list[tuple[Line, str]] = [
    (RunStart("push", "abc", "reference"), '{"line": "run.start", "event": "push", "commit": "abc", "engine": "reference"}'),
    (
        RunStart("push", "abc", "drone", Scenario("push, test fails", failures=(Failure("test", attempts=1),))),
        '{"line": "run.start", "event": "push", "commit": "abc", "engine": "drone", '
        '"scenario": {"name": "push, test fails", "failures": [{"job": "test", "attempts": 1}]}}',
    ),
    (JobStart("test"), '{"line": "job.start", "job": "test"}'),
    (
        JobStart("test", 2, {"A": "ü\n"}, {"S": "present"}, ("B",), {"dist/": "build#1"}, ("db:5432",), ("x",)),
        '{"line": "job.start", "job": "test", "attempt": 2, "env": {"A": "ü\\n"}, "secrets": {"S": "present"}, "absent": ["B"], '
        '"inputs": {"dist/": "build#1"}, "services": ["db:5432"], "extra": ["x"]}',
    ),
    (JobStart("test", seen=False), '{"line": "job.start", "job": "test", "seen": false}'),
    (Command("test", 0, 78), '{"line": "command", "job": "test", "index": 0, "exit": 78}'),
    (
        Command("build", 0, 0, published=("q.io/a:1",)),
        '{"line": "command", "job": "build", "index": 0, "exit": 0, "published": ["q.io/a:1"]}',
    ),
    (Gate("gate", "approved"), '{"line": "gate", "gate": "gate", "decision": "approved"}'),
    (
        JobEnd("build", "passed", outputs={"dist/": "build#1"}),
        '{"line": "job.end", "job": "build", "outcome": "passed", "outputs": {"dist/": "build#1"}}',
    ),
    (JobSkip("test"), '{"line": "job.skip", "job": "test"}'),
    (JobSkip("test", "need"), '{"line": "job.skip", "job": "test", "why": "need"}'),
    (RunEnd("nothing"), '{"line": "run.end", "outcome": "nothing"}'),
]


@pytest.mark.parametrize("line, text", ROWS, ids=[text[:60] for _, text in ROWS])
def test_a_line_as_text_and_back(line: Line, text: str) -> None:
    assert to_json(line) == text
    assert read_line(text) == line


def test_each_kind_of_line_has_its_row() -> None:
    assert {type(line) for line, _ in ROWS} == set(NAMES.values())


def test_a_scenario_is_told_in_full() -> None:
    trace = (RunStart("pull_request", "abc", "reference", SCENARIO), RunEnd("failed"))
    text = write([trace])
    assert json.loads(text.splitlines()[0])["scenario"] == {
        "name": "pull request, test hangs",
        "happening": {"kind": "pull_request", "branch": "feature/ü", "fork": True, "changed": ["a b", "c"], "inputs": [["x", "1"]]},
        "failures": [{"job": "test", "index": 1, "kind": "hang", "attempts": 2}],
        "missing": ["TOKEN"],
    }
    assert list(read(text)) == [trace]


def test_several_runs_in_one_file() -> None:
    one = (RunStart("push", "a", "x"), JobStart("test"), JobEnd("test", "passed"), RunEnd("passed"))
    other = (RunStart("tag", "b", "x"), RunEnd("nothing"))
    text = write([one, other])
    assert text.count("\n") == 6
    assert text.endswith("\n")
    assert list(read(text)) == [one, other]
    assert write([]) == ""
    assert list(read("")) == []


texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)


@given(st.dictionaries(texts, texts), texts, st.integers(1, 9))
def test_any_text_survives(env: dict[str, str], path: str, attempt: int) -> None:
    trace = (RunStart("push", "a", "x"), JobStart("test", attempt, env, inputs={path: path}, extra=(path,)), RunEnd("passed"))
    assert list(read(write([trace]))) == [trace]


@pytest.mark.parametrize(
    "text, found",
    [
        ("", "line 2 is no line"),
        ("[]", "line 2 is no line"),
        ("{}", "line 2 is no line"),
        ('{"line": "job.begin", "job": "test"}', "line 2 is no line"),
        ('{"line": "gate", "gate": "gate", "decision": "maybe"}', "'approved' or 'rejected'"),
        ('{"line": "gate", "gate": "gate"}', "required"),
        ('{"line": "job.skip", "job": "test", "colour": "red"}', "unexpected|Unexpected|not permitted"),
        ('{"line": "command", "job": "test", "index": "first", "exit": 0}', "integer"),
    ],
)
def test_what_is_no_line(text: str, found: str) -> None:
    with pytest.raises(ValueError, match=found) as caught:
        list(read(f"{to_json(RunStart('push', 'a', 'x'))}\n{text}\n{to_json(RunEnd('passed'))}\n"))
    assert str(caught.value).startswith("line 2 is no line of trace/1: ")


@pytest.mark.parametrize("lines", [(JobStart("test"), RunEnd("passed")), (RunStart("push", "a", "x"), RunStart("push", "a", "x"))])
def test_a_run_has_one_beginning(lines: tuple[Line, ...]) -> None:
    with pytest.raises(ValueError, match=r"line \d: a run begins with run\.start"):
        list(read(write([lines])))


def test_a_run_needs_its_end() -> None:
    with pytest.raises(ValueError, match=r"no run\.end"):
        list(read(write([(RunStart("push", "a", "x"), JobStart("test"))])))


# The page of the format.

PAGE = (Path(__file__).parents[2] / "docs/reference/traces.md").read_text(encoding="utf-8")
TABLES: dict[str, Any] = {
    **{f"### {name}\n": kind for name, kind in NAMES.items()},
    "## Scenarios\n": Scenario,
    "A happening:\n": Happening,
    "A failure:\n": Failure,
}
ABSENT = {"scenario": "null", "attempts": "null", "happening": "a push to trunk"}


@pytest.mark.parametrize("heading", TABLES)
def test_the_page_names_each_field_with_its_default(heading: str) -> None:
    table = PAGE.split(heading, 1)[1].split("|---|---|---|\n", 1)[1].split("\n\n", 1)[0]
    said = dict(re.findall(r"^\| `(\w+)` \| (.*?) ?\| ", table, re.MULTILINE))
    fields = TABLES[heading].__value_fields__
    assert list(said) == list(fields)
    for name, each in fields.items():
        given = each.factory() if each.factory else each.default
        if said[name] == "":
            assert given is REQUIRED, name
        elif name in ABSENT:
            assert said[name] == ABSENT[name]
        else:
            assert said[name].strip("`") in (json.dumps(given), given), name


def test_the_example_of_the_page_is_a_trace() -> None:
    example = PAGE.split("```json\n", 1)[1].split("```", 1)[0]
    (trace,) = read(example)
    assert write([trace]) == example


def test_the_page_names_each_kind_of_difference_and_each_word() -> None:
    words = {word for kind in (agreement.Kind, Outcome, RunOutcome, Why, Decision, FailureKind, EventKind) for word in get_args(kind)}
    assert {word for word in words if f"`{word}`" not in PAGE} == set()
