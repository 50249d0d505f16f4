"""Texts survive the way through Groovy: what is printed is read back as the same characters."""

from __future__ import annotations

import random

import pytest
from pipelinekit_jenkins.escape import quoted
from pipelinekit_jenkins.groovy import Call, Closure, Code, Template, block, call, literal, option, printed, within

from tests.readers import engines, jenkins
from tests.text import hostile


def decoded(texts: list[str]) -> list[str]:
    """What Groovy makes of the literals."""
    engines.require(jenkins.available())
    scripts = [call("sh", text) for text in texts]
    pipeline = block("pipeline", call("agent", Code("any")), block("stages", block("stage", block("steps", *scripts), args=("s",))))
    return jenkins.shell(jenkins.model(printed([pipeline])))


def test_hand_picked_texts() -> None:
    texts = [
        "'",
        "''",
        "'''",
        "\n'",
        "'\n",
        "a'\n''b\n'''c\n''''",
        "\\",
        "\\\n",
        "$x ${y} $(z) `w`",
        "a\rb\r\nc",
        "\t\x0b\x7f\u2028",
        "\\u0041",
        "é€😀",
        "\\'\n",
        "\n",
    ]
    assert decoded(texts) == texts


def test_random_texts() -> None:
    draw = random.Random(20_261)
    letters = ["'", "'", '"', "\\", "$", "{", "}", "u", "x", "0", "\n", "\r", "\t", " ", "#", "é", "😀", "\u2029", "\x01", "/", "*"]
    texts = ["".join(draw.choices(letters, k=draw.randint(1, 24))) for _ in range(1500)]
    assert decoded(texts) == texts


def test_shared_hostile_texts() -> None:
    groups = (group for group in vars(hostile).values() if isinstance(group, list | tuple))
    texts = {text: None for group in groups for text in group if isinstance(text, str) and text and not set(text) & {"\0", "\uffff"}}
    sendable = [text for text in texts if not any("\ud800" <= letter <= "\udfff" for letter in text)]
    assert len(sendable) > 50
    assert decoded(sendable) == sendable


def test_a_text_that_no_literal_holds() -> None:
    text = "echo 'é' \\\n" * 20_000
    assert max(len(part.encode()) for part in quoted(text).split(" +\n")) < 65_535
    assert decoded([text]) == [text]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "true"),
        (3, "3"),
        ("it's", r"'it\'s'"),
        (Template('a "${B}" $c'), r'"a \"${B}\" \$c"'),
        (Code("env.X"), "env.X"),
        (("a", 1), "['a', 1]"),
        ({"a": "b", "c-d": False}, "[a: 'b', 'c-d': false]"),
        (Call("string", named=(("variable", "A"),)), "string(variable: 'A')"),
        (Closure((call("echo", "x"),)), "{\n  echo 'x'\n}"),
    ],
)
def test_values(value, expected: str) -> None:
    assert literal(value) == expected


def test_statements() -> None:
    tree = block(
        "steps",
        within(option("timeout", time=5), call("unstash", "a")),
        block("not", call("buildingTag")),
        call("junit", testResults="a", x=True),
    )
    assert (
        printed([tree])
        == "steps {\n  timeout(time: 5) {\n    unstash 'a'\n  }\n  not { buildingTag() }\n  junit testResults: 'a', x: true\n}\n"
    )
