"""What each thing looks like in the file."""

from __future__ import annotations

from enum import StrEnum
from textwrap import dedent

import pytest
import yaml

from pipelinekit.text.yaml import Alias, Anchored, Commented, Flow, Literal, Quoted, dump, dump_all


@pytest.mark.parametrize(
    "text",
    [
        *("lint", "make test", "python:3.12-slim", "a/b", "./deploy.sh staging", ".gitlab-ci.yml", "/bin/sh", "_x"),
        *("$CI_JOB_TOKEN", '$CI_COMMIT_BRANCH == "main"', "${X:-y}", "((secret))", "(cd a && make)", "\\d+", "^v"),
        *("--version", "-c", "echo it's", 'echo "a"', "a:b", "a::b", "a#b", "a,b [c] {d}", "a | b > c", "100%"),
        *(
            "5m",
            "3.12-slim",
            "7 days",
            "0.0.0.0/0",
            "1.2.3-rc1",
            "yesterday",
            "nothing",
            "on_stop",
            "Prüfung",
            "🚀 ship",
        ),
        *("https://example.com/a?b=c&d", "a - b", "a ? b", "key=value", "refs/tags/**", "x" * 100_000),
    ],
)
def test_plain(text: str) -> None:
    assert dump({"k": text}) == f"k: {text}\n"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", " a", "a ", "a: b", "a:", ":", ": a", ":sym", "a #b", "#a", "'a'", '"a"', "a\tb", "\ta", "\u3000a"),
        *("y", "Y", "n", "yes", "No", "on", "OFF", "true", "False", "null", "NULL", "~", "nan", ".nan", "-.Inf", "inf"),
        *(
            "0",
            "1",
            "-1",
            "+1",
            "012",
            "08",
            "0o17",
            "0x1F",
            "0b101",
            "1_000",
            "1,000",
            "1e3",
            "1.5",
            ".5",
            "1.",
            "-.5",
        ),
        *("22:30", "1:30:00", "8080:80", "2020-01-01", "2020-01-01 10:00:00 +01:00", "2020-01-01T10:00Z", "10.0.0.1"),
        *("0x1p-2", "1E400", "123abc", "0deadbeef", "-infinity", "30d"),
        *("-", "--", "- a", "---", "--- a", "---a", "...", "...a", "?", "? a", "|", ">", "%a", "@a", "`a`", "!a", "&a"),
        *("*a", "[a]", "{a}", "]", "}", ",", "=", "<<", "<a>", "a\xa0b\xa0"),
    ],
)
def test_single_quoted(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"
    assert dump({"k": text}) == f"k: {quoted}\n"
    assert dump([text]) == f"- {quoted}\n"
    assert dump(text) == f"{quoted}\n"
    assert dump({text: 1}) == ("!!str '<<': 1\n" if text == "<<" else f"{quoted}: 1\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\rb", r'"a\rb"'),
        ("a\r\nb\t", r'"a\r\nb\t"'),
        ("\0\x1b\x7f\x85", r'"\x00\x1B\x7F\x85"'),
        ("\u2028\u2029\ufeff\uffff", r'"\u2028\u2029\uFEFF\uFFFF"'),
        ('"\\\x07é🚀', r'"\"\\\x07é🚀"'),
    ],
)
def test_double_quoted_only_where_nothing_else_can_carry_it(text: str, shown: str) -> None:
    assert dump({"k": text}) == f"k: {shown}\n"
    with pytest.raises(ValueError, match=r"^k\[0\]: .* needs escapes in double quotes"):
        dump({"k": [text]}, escapes=False)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\n", "|\n  a\n  b\n"),
        ("a\nb", "|-\n  a\n  b\n"),
        ("a\nb\n\n", "|+\n  a\n  b\n\n"),
        ("a\n\nb\n", "|\n  a\n\n  b\n"),
        ("a\n  b\n", "|\n  a\n    b\n"),
        ("a \n\tb", "|-\n  a \n  \tb\n"),
        (" a\nb\n", "|2\n   a\n  b\n"),
        ("\ta\nb\n", "|2\n  \ta\n  b\n"),
        ("\na", "|2-\n\n  a\n"),
        ("\n", "|2+\n\n"),
        ("# a\n---\n...\n", "|\n  # a\n  ---\n  ...\n"),
        ("x: '\"\\\n", "|\n  x: '\"\\\n"),
    ],
)
def test_literal_block(text: str, shown: str) -> None:
    assert dump({"k": text}, escapes=False) == f"k: {shown}"
    assert dump(text) == shown
    assert dump([text]) == f"- {shown}"


def test_literal_block_in_a_list_in_a_mapping() -> None:
    assert dump({"k": ["a\nb\n"]}) == "k:\n  - |\n    a\n    b\n"
    assert dump({"k": ["a\nb\n"]}, indent_sequences=False) == "k:\n- |\n  a\n  b\n"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *((None, "null"), (True, "true"), (False, "false"), (0, "0"), (-7, "-7"), (2**63 - 1, "9223372036854775807")),
        *((1.5, "1.5"), (2.0, "2.0"), (1e-05, "1.0e-05"), (1e16, "1.0e+16"), (-2.5e300, "-2.5e+300")),
        *(({}, "{}"), ([], "[]"), ((), "[]")),
    ],
)
def test_other_values(value: object, shown: str) -> None:
    assert dump({"k": value}) == f"k: {shown}\n"
    assert dump([value]) == f"- {shown}\n"
    assert dump(value) == f"{shown}\n"
    assert dump({"k": Flow([value])}) == f"k: [{shown}]\n"


def test_nesting() -> None:
    data = {"job": {"script": ["a", ["b", ["c"]]], "steps": [{"name": "x", "env": {"A": "1"}, "run": ["w"]}, {"name": "z"}]}}
    assert dump(data) == dedent("""\
        job:
          script:
            - a
            - - b
              - - c
          steps:
            - name: x
              env:
                A: '1'
              run:
                - w
            - name: z
        """)
    assert dump({"a": {"b": [{"c": ["d"]}]}}, indent_sequences=False) == "a:\n  b:\n  - c:\n    - d\n"


def test_flow() -> None:
    assert dump({"needs": Flow(["lint", "unit tests", "-", "3.12"])}) == "needs: [lint, unit tests, '-', '3.12']\n"
    assert dump([Flow({"cpu": 2, "on": [True, {"a": None}], "e": []})]) == "- {cpu: 2, 'on': [true, {a: null}], e: []}\n"
    assert dump(Flow(["a:b", "a,b", "x?", "-c", "a\nb", "[a]"])) == "['a:b', 'a,b', 'x?', '-c', \"a\\nb\", '[a]']\n"
    assert dump({"a": Flow([Quoted("x"), Literal("z"), Flow([])])}) == "a: ['x', z, []]\n"
    assert dump(Flow({"<<": "a"})) == "{!!str '<<': a}\n"


def test_quoted() -> None:
    assert dump({"port": Quoted("http"), "to": Quoted("80")}) == "port: 'http'\nto: '80'\n"
    assert dump([Quoted("it's"), Quoted("a\nb"), Quoted("\r")]) == "- 'it''s'\n- |-\n  a\n  b\n- \"\\r\"\n"


def test_literal() -> None:
    assert dump({"run": Literal("make\n"), "on": Literal("x")}) == "run: |\n  make\n'on': |-\n  x\n"
    assert dump([Literal(""), Literal("\r")]) == "- ''\n- \"\\r\"\n"


def test_comments_stand_above() -> None:
    data = {
        "a": Commented(1, "one\n\ntwo"),
        "list": [Commented({"x": 1}, "an item"), {"x": Commented([Commented(["w"], "deep")], "hoisted"), "z": 2}],
    }
    assert dump(Commented(data, "all")) == dedent("""\
        # all
        # one
        #
        # two
        a: 1
        list:
          # an item
          - x: 1
          # hoisted
          - x:
              # deep
              - - w
            z: 2
        """)


@pytest.mark.parametrize("text", ["a\rb", "a\x85", "\x00", "\u2028"])
def test_a_comment_is_plain_text(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a: a comment is plain text"):
        dump({"a": Commented(1, text)})


def test_header() -> None:
    assert dump({"a": 1}, header=["Generated.", "", "Don't edit."]) == "# Generated.\n#\n# Don't edit.\na: 1\n"
    assert dump({"a": 1}, header=["Generated."], blank_between=1) == "# Generated.\n\na: 1\n"


def test_several_documents() -> None:
    first, second = {"kind": "pipeline"}, Commented({"kind": "secret"}, "later")
    assert dump_all([first, second], header=["Top"]) == "# Top\nkind: pipeline\n---\n# later\nkind: secret\n"
    assert dump_all([]) == ""


def test_empty_lines_between_sections() -> None:
    data = {
        "a": 1,
        "b": 2,
        "c": {"d": [1], "e": 2},
        "f": Commented([{"g": 1}, {"g": 2}], "note"),
        "h": Flow([1]),
        "i": 3,
    }
    assert dump(data, blank_between=1) == dedent("""\
        a: 1
        b: 2

        c:
          d:
            - 1
          e: 2

        # note
        f:
          - g: 1
          - g: 2

        h: [1]
        i: 3
        """)
    assert dump({"c": [{"g": 1}, {"g": {"h": [1, [2]]}}]}, blank_between=2) == dedent("""\
        c:
          - g: 1

          - g:
              h:
                - 1
                - - 2
        """)


def test_an_empty_line_is_never_added_to_text() -> None:
    assert dump({"a": {"b": "x\n\n"}, "c": {"d": 1}}, blank_between=1) == "a:\n  b: |+\n    x\n\nc:\n  d: 1\n"


def test_keys() -> None:
    assert dump({"y": 1, "a b": 2, "1": 3, "a\nb": 4, "": 5}) == "'y': 1\na b: 2\n'1': 3\n\"a\\nb\": 4\n'': 5\n"


def test_a_key_longer_than_readers_look_ahead_is_explicit() -> None:
    long = "k" * 1001
    assert dump({long: {"a": 1}}) == f"? {long}\n:\n  a: 1\n"
    assert dump([{"a": {long: "b"}}]) == f"- a:\n    ? {long}\n    : b\n"
    with pytest.raises(ValueError, match="doesn't fit between braces"):
        dump(Flow({long: 1}))


def test_subclasses_are_taken_for_what_they_are() -> None:
    class Kind(StrEnum):
        TEST = "test"

    class Table(dict[str, object]):
        pass

    assert dump(Table({Kind.TEST: Kind.TEST, "t": (1, Table(a=(2,)))})) == "test: test\nt:\n  - 1\n  - a:\n      - 2\n"


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        ({"a": [1, {"b c": {1}}]}, TypeError, r"^a\[1\]\.b c: set has no place in a YAML file"),
        ({"a": b"x"}, TypeError, r"^a: bytes has no place"),
        (object, TypeError, r"^type has no place"),
        ({1: 2}, TypeError, r"^1: a key is text, not int: 1"),
        ([{True: 2}], TypeError, r"^\[0\]\.True: a key is text, not bool"),
        (
            {"a": Flow({1: 2})},  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]
            TypeError,
            r"^a: a key is text",
        ),
        ({"a": "\ud800"}, ValueError, r"^a: a lone surrogate \(U\+D800\)"),
        ({"\udfff": 1}, ValueError, r"a lone surrogate \(U\+DFFF\)"),
        ({"a": 2**63}, ValueError, r"^a: 9223372036854775808 has more than 64 bits"),
        ({"a": float("nan")}, ValueError, r"^a: nan is no number"),
        ({"a": float("-inf")}, ValueError, r"^a: -inf is no number"),
    ],
)
def test_refused(data: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        dump(data)


def test_without_escapes_a_key_of_two_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="needs escapes in double quotes"):
        dump({"a\nb": 1}, escapes=False)


def test_a_mapping_is_written_once_and_referred_to() -> None:
    data = [{"name": "one", "env": Anchored({"A": "1", "B": {"c": "d"}}, "shared")}, {"name": "two", "env": Alias("shared")}]
    text = dump(data)
    assert text == "- name: one\n  env: &shared\n    A: '1'\n    B:\n      c: d\n- name: two\n  env: *shared\n"
    first, second = yaml.safe_load(text)
    assert first["env"] == second["env"] == {"A": "1", "B": {"c": "d"}}
