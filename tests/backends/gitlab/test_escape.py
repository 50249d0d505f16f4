"""GitLab's rules of text: in one module, and held by all that is written. tests/fuzz looks at many more texts."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from pipelinekit_gitlab import escape

from pipelinekit import Environment, Input, Matrix, Pipeline, changed, on
from pipelinekit.testing import hostile
from tests.engines.gitlab import configuration
from tests.engines.gitlab.runner import program
from tests.engines.gitlab.variables import Variable
from tests.readers import gitlab_go
from tests.readers.engines import require

from .rendered import ROOT, codes, config, files

BACKEND = Path(escape.__file__).parent
WORDS = [
    "3.10",
    "1e3",
    "08",
    "0o8",
    "on",
    "off",
    "y",
    "n",
    "yes",
    "no",
    "true",
    "False",
    "null",
    "NULL",
    "0x1F",
    "1_000",
    ".inf",
    "2020-01-01",
]
TEXTS = [
    *WORDS,
    "22:30",
    "~",
    "",
    " ",
    "a\r",
    "a\t",
    "a ",
    "a\n",
    "a\n\n",
    "---",
    "...",
    "--- x",
    "\n---\n",
    "\n...\n",
    "=",
    "<<",
    ":x",
    "%x%",
]


def test_nothing_else_escapes() -> None:
    for path in BACKEND.glob("*.py"):
        if path.name != "escape.py":
            found = re.findall(r"""(?:replace|sub|translate)\(r?["'][^"'\w]*[$%\\].*""", path.read_text("utf-8"))
            assert found == [], path.name


@pytest.mark.parametrize(
    ("commands", "items"),
    [
        (["make", "make test"], ["make", "make test"]),
        (["echo it's", "echo so"], ["echo it's\necho so"]),
        (["cat <<X", "text", "X", "make"], ["cat <<X\ntext\nX", "make"]),
        (["for i in a b; do", "echo $i", "done", "make"], ["for i in a b; do\necho $i\ndone", "make"]),
        (["case $x in", "a) make ;; esac"], ["case $x in\na) make ;; esac"]),
        (["test -f x ||", "touch x"], ["test -f x ||\ntouch x"]),
        (["f() {", "make", "}", "f"], ["f() {\nmake\n}", "f"]),
        (["echo a\\\n", "echo b"], ["echo a\\\n\n:", "echo b"]),
        (["make\r", "\u00a0make", "  make\n"], ["make\r\n:", ":\n\u00a0make", "  make\n"]),
    ],
)
def test_commands_are_items_where_each_stands_alone(commands: list[str], items: list[str]) -> None:
    assert escape.items(commands) == items


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_command_may_go_on_in_the_next(tmp_path: Path, shell: str) -> None:
    p = Pipeline("x", image="busybox:1.37", triggers=[on.push()])
    p.test("echo a\\\n", "cat <<X", "it's $((1 + 1))", "X", "case a in", "a) echo c ;;", "esac")
    script = tmp_path / "script"
    script.write_text(program(tmp_path, config(p)["test"]["script"]))
    done = subprocess.run([shell, str(script)], capture_output=True, text=True, check=True)
    assert [line for line in done.stdout.split("\n") if not line.startswith("$ ")] == ["a", "it's 2", "c", ""]


def test_words_of_yaml_stay_text() -> None:
    require(gitlab_go.available())
    p = Pipeline("x", image="busybox:1.37", triggers=[on.push(), on.manual("by-hand", inputs=[Input("word", WORDS[0], choices=WORDS)])])
    p.test("true", matrix=Matrix("cell", *(word for word in WORDS if word[0] != ".")), variables=dict(zip(_names(), TEXTS, strict=True)))
    ((header, body),) = gitlab_go.documents([files(p)[ROOT]])
    found = body["test"]["variables"]
    assert [found[name]["value"] if isinstance(found[name], dict) else found[name] for name in _names()] == TEXTS
    assert header["spec"]["inputs"]["word"]["options"] == WORDS
    assert body["test"]["parallel"]["matrix"] == [{"CELL": [word for word in WORDS if word[0] != "."]}]


def _names() -> list[str]:
    return [f"V{number}" for number in range(len(TEXTS))]


@pytest.mark.parametrize("url", ["https://example.com/%C3%A9", "https://example.com/?q=%a1%b2"])
def test_a_url_that_gitlab_would_fill_in_is_refused(url: str) -> None:
    p = Pipeline("x", image="busybox:1.37", triggers=[on.push()])
    p.deploy("ship", environment=Environment("production", url=url), needs=[p.test("true")])
    assert codes(p) == [("PK1408", None)]


def test_a_glob_that_gitlab_would_fill_in_is_refused() -> None:
    p = Pipeline("x", image="busybox:1.37", triggers=[on.push(), on.pull_request()])
    p.lint("true")
    p.test("true", only_if=changed("out/%x%/**"))
    assert codes(p) == [("PK1408", None)]


def test_a_variable_with_an_inputs_brackets_is_refused_beside_the_input() -> None:
    p = Pipeline(
        "x", image="busybox:1.37", triggers=[on.manual("by-hand", inputs=[Input("problem")])], variables={"X": "$[[ inputs.problem ]]"}
    )
    p.test("true")
    assert codes(p) == [("PK1408", None)]


@pytest.mark.parametrize("text", [*hostile.INPUTS, "$[[ inputs.problem ]]", "a\n  b: c", "- x"])
def test_what_is_given_reaches_a_child_pipeline_as_it_is(text: str) -> None:
    by_hand = on.manual("by-hand", inputs=[Input("problem")])
    p = Pipeline("x", image="busybox:1.37", triggers=[on.push()])
    staging = Environment("staging", on=[by_hand])
    p.verify("true", environment=staging, needs=[p.deploy('./ship "$PROBLEM"', environment=staging, needs=[p.test("true")])])
    found = files(p)
    (included,) = configuration.load(found, ROOT, {"problem": text}).jobs["staging"]["trigger"]["include"]
    child = configuration.load(found, included["local"], included["inputs"])
    assert child.variables["PROBLEM"] == Variable("PROBLEM", text, raw=True)


def test_a_question_is_asked_and_printed_as_it_is(tmp_path: Path) -> None:
    p = Pipeline("x", image="busybox:1.37", triggers=[on.push()])
    p.step("true", needs=[p.gate("-n it's \\c?", needs=[p.test("true")], name="ask")])
    gate = config(p)["ask"]
    assert gate["manual_confirmation"] == "-n it's \\c?"
    assert subprocess.run(["sh", "-c", gate["script"][-1]], capture_output=True, text=True, check=True).stdout == "-n it's \\c?\n"
