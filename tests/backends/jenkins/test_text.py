"""Texts of the definition come through; nothing but `escape` changes one."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from pipelinekit_jenkins import escape

from pipelinekit import Environment, Input, Matrix, Pipeline, Registry, Secret, changed, ci, on
from pipelinekit.recipes import container
from pipelinekit.text.shell import quote
from tests.backends.jenkins.rendered import emission, jenkinsfile, model, script, stage
from tests.readers import jenkins

BACKEND = Path(escape.__file__).parent
WORDS = [
    "on",
    "y",
    "no",
    "null",
    "~",
    "3.10",
    "1e3",
    "08",
    "0x1F",
    "22:30",
    "1_000",
    ".inf",
    "2026-01-01",
    "",
    " ",
    "a ",
    "\t",
    "a\r",
    "\n\n",
]


def defined() -> Pipeline:
    return Pipeline("p", image="python:3.12", triggers=[on.push(), on.pull_request()])


@pytest.mark.parametrize(
    "command",
    [
        "make\n" * 40_000,
        "#" * 100_000,
        "é" * 100_000,
        "a\rb\r\n",
        "\t x \t",
        "x\n\n\n",
        "---\n...\n",
        "$x ${y} $$ ((z)) {{ w }} `v`",
        "'''\\'''",
    ],
    ids=["200 KB", "long line", "long line of two bytes", "CR", "tabs", "newlines", "documents", "references", "quotes"],
)
def test_scripts_come_through(command: str) -> None:
    p = defined()
    p.test(command)
    assert script(model(p), "test") == f"#!/bin/sh\nset -e\n{command}\n"


def test_words_and_numbers_stay_text() -> None:
    p = defined()
    p.test("true", variables={f"V{number}": text for number, text in enumerate(WORDS)}, matrix=Matrix("python", "3.10", "08", "1e3", "on"))
    (matrix,) = (each["matrix"] for each in jenkins.stages(model(p)) if each.get("matrix"))
    assert matrix["axes"][0]["values"] == ["3.10", "08", "1e3", "on"]
    entries = {entry["name"]: entry["value"] for entry in matrix["stages"][0]["environment"]}
    text = script(model(p), "test")
    for number, word in enumerate(WORDS):
        assert entries.get(f"V{number}") == word or f"export V{number}={quote(word)}\n" in text


def test_choices_stay_text() -> None:
    p = Pipeline("p", image="python:3.12", triggers=[on.push(), on.manual(inputs=[Input("version", "3.10", choices=("3.10", "08", "on"))])])
    p.test("true")
    assert model(p)["parameters"][0]["arguments"]["choices"] == ["3.10", "08", "on"]


def test_what_agents_read_themselves_is_set_in_the_job_alone() -> None:
    p = Pipeline("p", image="python:3.12", variables={"DOCKER_HOST": "tcp://dind:2375", "LANG": "C.UTF-8", "http_proxy": "x", "MODE": "ci"})
    p.test("true", variables={"GIT_DIR": "/tmp/x"})
    read = model(p)
    assert [entry["name"] for entry in read["environment"]] == ["MODE"]
    assert re.findall(r"export (\w+)=", script(read, "test")) == ["DOCKER_HOST", "LANG", "http_proxy", "GIT_DIR"]


def test_a_comment_is_no_code() -> None:
    p = defined()
    environment = Environment("e", config="config/\\u000a@Grab.toml".replace("\\", ""))
    p.deploy("true", environment=environment)
    assert "// configuration: config/u000a@Grab.toml" in jenkinsfile(p)
    assert escape.comment("a\\u000aevil()\n\r\u2028b") == "a/u000aevil() b"


def test_names_of_stashes_are_taken_by_jenkins() -> None:
    p = defined()
    made = p.build("make", outputs=["a@b.txt", "a#b.txt", "x/y.", "x-y"])
    p.test("true", needs=[made["a@b.txt"], made["a#b.txt"], made["x/y."], made["x-y"]])
    names = [step["arguments"]["name"] for step in stage(model(p), "build")["steps"] if step["name"] == "stash"]
    assert names == ["build a-b.txt 0", "build a-b.txt 1", "build x-y 0", "build x-y 1"]


def test_a_job_s_stash_is_no_other_s() -> None:
    """`a` hands out `b` and more, `a-b` hands out one path."""
    p = defined()
    first = p.build("make", name="a", outputs=["b", "c"])
    second = p.build("make", name="a-b", outputs=["d"])
    p.test("true", needs=[first["b"], first["c"], second["d"]])
    names = [step["arguments"]["name"] for step in jenkins.steps(model(p)) if step["name"] == "stash"]
    assert sorted(names) == ["a b", "a c", "a-b"]


def test_conditions_are_words_of_git() -> None:
    p = defined()
    p.test("true", only_if=changed("src/$(touch pwned)/it's a [x].py".replace("$", "").replace("'", "").replace("[x]", "x")))
    assert "changes('\\':(glob)src/(touch pwned)/its a x.py\\'')" in jenkinsfile(p)


def test_registries_are_asked_without_arguments() -> None:
    p = defined()
    registry = Registry("quay.io", username=Secret("USER_NAME"), password=Secret("PASSWORD"))
    p.build(container("quay.io/acme/app", tag=ci.sha, registry=registry))
    text = jenkinsfile(p)
    assert "docker login" not in text
    assert not re.search(r"docker (?:build|push)[^\n]*PASSWORD", text)


def test_nothing_but_what_was_asked_for() -> None:
    p = defined()
    p.test("true")
    assert not re.search(r"--privileged|docker\.sock| -v |--volume|--mount|--cap-add", jenkinsfile(p))


@pytest.mark.parametrize("path", sorted(BACKEND.glob("*.py")), ids=lambda path: path.stem)
def test_texts_are_escaped_in_one_place(path: Path) -> None:
    """No other module replaces a character that some reader takes for more than a character."""
    if path.stem == "escape":
        return
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    for call in calls:
        given = [each.value for each in call.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if isinstance(call.func, ast.Attribute) and given:
            assert not (call.func.attr == "replace" and re.fullmatch(r"[\\$'\"`]+", given[0])), ast.unparse(call)
            assert not (call.func.attr == "sub" and len(given) > 1 and "\\" in given[1]), ast.unparse(call)


def test_raw_text_is_the_only_text_that_is_code() -> None:
    p = defined()
    p.test("true", variables={"X": "${env.Y} $z"})
    assert emission(p).ok
    assert '"' not in re.sub(r"'''.*?'''|'[^'\n]*'|//.*", "", jenkinsfile(p), flags=re.DOTALL).replace('"""', "")
