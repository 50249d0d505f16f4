"""What a shell expands and what it doesn't: by hand, and as dash says."""

from __future__ import annotations

import os
import random
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinekit.text.shell import mentions, quote, unexpanded
from tests.readers.engines import require
from tests.text import hostile


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "''"),
        ("a/b.c-d_e:f=g@1,2%+", "a/b.c-d_e:f=g@1,2%+"),
        ("a b", "'a b'"),
        ("$X", "'$X'"),
        ("it's", "'it'\"'\"'s'"),
        ("é", "'é'"),
    ],
)
def test_quote(text: str, word: str) -> None:
    assert quote(text) == word


@given(st.text() | hostile.texts)
def test_quote_is_shlex_quote(text: str) -> None:
    assert quote(text) == shlex.quote(text)


@pytest.mark.parametrize("script", ["$A", "x${A}y", "${A:-b}", "'$A'", "${#A}", "$A.x", "\n$A"])
def test_mentions(script: str) -> None:
    assert mentions(script, "A")


@pytest.mark.parametrize("script", ["A", "$AB", "${A_}", "$ A", "$(A)", "${B:-A}", ""])
def test_does_not_mention(script: str) -> None:
    assert not mentions(script, "A")


@pytest.mark.parametrize(
    "script",
    [
        *("echo $A", "echo ${A}", "echo \"'$A'\"", "echo 'x'$A'y'", 'echo "it\'s $A"', "echo \\'$A\\'", "echo \\\\$A"),
        *("# '\necho $A", "echo a # it's\necho $A", "# '$A'", "echo a#'b'$A", "(#'\necho $A)", "echo \\ #'b'$A"),
        *("echo $(echo $A)", 'echo "$(echo \'x\' "$A")"', "echo \"$(echo ')' $A)\" $A", "echo `echo \\$A`"),
        *('echo "`echo \\"$A\\"`"', "echo \"${B:-'$A'}\"", "echo ${B:-$A}", 'echo "${B:-"$A}\'"}" $A'),
        *(
            "cat <<E\n'$A'\nE",
            "cat <<-E\n\t'$A\n\tE\necho $A",
            "cat <<E\n\"it's $A\nE\necho $A",
            "cat <<E\n`echo $A`\nE",
        ),
        *("cat <<'E'\nit's\nE\necho $A", "cat <<'E' <<F\n'\nE\n'$A'\nF", "x=$(cat <<'E'\n)'\nE\n)\necho $A"),
        *("echo $((1 + $A))", "echo $(( (1) ))$A", "x=$(case a in a) echo;; (b) echo;; esac)$A", "echo $A <<<'b'"),
        *(
            "if case a in a) :;; esac; then echo $A; fi",
            "echo a>'b' $A",
            "echo 'a\nb' $A",
            "a &&\n  b $A",
            "echo \\\n$A",
        ),
        *(
            "'$AB'",
            "'A'",
            "echo $B",
            "echo case 'a' $A",
            "echo ${A'",
            'echo "$(echo',
            "echo $((1",
            "echo `a",
            "<<",
            "\\",
        ),
        *(
            "cat <<'a b'\n'\na b\n$A",
            'cat <<"E"\n\'\nE\n$A',
            "cat <<\\E\n'\nE\n$A",
            "echo ${#A} ${B#'x'} $A",
            "echo ${",
            ")",
        ),
    ],
)
def test_expanded(script: str) -> None:
    assert list(unexpanded(script, ["A"])) == []


@pytest.mark.parametrize(
    ("script", "line"),
    [
        *(("echo '$A'", 1), ("echo '${A}'", 1), ("echo '${A:-b}'", 1), ("a\necho \"b\"'\n$A'", 3), ("echo '$A", 1)),
        *(("echo \\$A", 1), ("echo \\${A}", 1), ('echo "\\$A"', 1), ("echo \\\\\\$A", 1), ("echo $$A", 1)),
        *(("echo \"$(echo '$A')\"", 1), ("echo `echo '$A'`", 1), ("echo `\necho '$A'`", 2), ("echo ${B:-'$A'}", 1)),
        *(("echo \"${B#'$A'}\"", 1), ('echo "${B:-\\$A}"', 1), ("echo `echo \\\\\\$A`", 1), ("a=${B%%'$A'}", 1)),
        ("echo ${B:-${C:-'$A'}}", 1),
        *(("cat <<'E'\n$A\nE", 2), ('cat <<"E"\n$A\nE', 2), ("cat <<\\E\nb\n$A\nE", 3), ("cat <<-'E'\n\t$A\n\tE", 2)),
        *(("cat <<E\n\\$A\nE", 2), ("cat <<E\n$(echo '$A')\nE", 2), ("cat <<E <<'F'\n$A\nE\n$A\nF", 4)),
        *(
            ("cat << 'E' | sed x\n$A\nE", 2),
            ("x=$(cat <<'E'\n$A\nE\n)", 2),
            ("cat <<'E'\n$A", 2),
            ("cat <<E'F'\n$A\nEF", 2),
        ),
        *(("x=$(case a in a) echo '$A';; esac)", 1), ("echo a#'$A'", 1), ("echo $'$A'", 1), ("# it's\necho '$A'", 2)),
        *(
            ("echo $((1)) '$A'", 1),
            ("cat <<'E'\nF\nE\ncat <<'F'\n$A\nF", 5),
            ("echo $(\n# it's\n) '$A'", 3),
            (") '$A'", 1),
        ),
    ],
)
def test_unexpanded(script: str, line: int) -> None:
    assert list(unexpanded(script, ["A"])) == [("A", line)]


def test_each_is_named_with_its_line() -> None:
    script = "echo '$A $B'\necho $A\ncat <<'E'\n${C}$A\nE\n"
    assert list(unexpanded(script, ["A", "B", "C"])) == [("A", 1), ("B", 1), ("C", 4), ("A", 4)]
    assert list(unexpanded(script, [])) == []


PIECES = [
    *("'", "'", '"', '"', "\\", "\\\\", " ", " ", "\n", "#", " # ", "a", ";", "; ", "$", "}", "(", ")", ")", "`", "$$"),
    *(
        "printf '%s\\n' ",
        "\nprintf '%s\\n' ",
        "$(printf %s ",
        '"$(printf %s ',
        "`printf %s ",
        "${U:-",
        '"${U:-',
        "$((1 + ",
    ),
    *("\ncat <<E\n", "\ncat <<'E'\n", "\ncat <<-\\E\n", "\nE\n", "\n\tE\n", "case a in a) printf %s ", ";; esac", "))"),
]
WRAPPERS = [
    *(
        "'{}'",
        '"{}"',
        "$(printf %s {})",
        "`printf %s {}`",
        "${{U:-{}}}",
        '"${{U:-{}}}"',
        "$(cat <<END\n{}\nEND\n)",
        "\\{}",
        "a{}",
    ),
    *(
        "$(cat <<'END'\n{}\nEND\n)",
        "$(case a in a) printf %s {};; esac)",
        "$(# it's\nprintf %s {})",
        "$({{ printf %s {}; }})",
    ),
]


def word(draw: random.Random, names: list[str]) -> str:
    """Return a mention of a new name, wrapped in some constructs, with some disorder."""
    names.append(f"PK_{len(names)}_")
    text = draw.choice(["${}", "${{{}}}", "$$${{{}}}"]).format(names[-1])
    for _ in range(draw.randint(0, 4)):
        # Dash and bash disagree about a here-document inside another with the same delimiter.
        text = draw.choice(WRAPPERS).replace("END", f"END{draw.randrange(10**6)}").format(text)
        if draw.random() < 0.3:
            text = draw.choice([draw.choice(PIECES) + text, text + draw.choice(PIECES), text + word(draw, names)])
    return text


def script_of(draw: random.Random) -> tuple[str, list[str]]:
    names: list[str] = []
    count = draw.randint(1, 4)
    pieces = [draw.choice([word(draw, names), word(draw, names), draw.choice(PIECES)]) for _ in range(count)]
    return "".join(["printf '%s\\n' ", *pieces, "\n"]), names


def what_dash_says(script: str, names: list[str], folder: Path) -> tuple[set[str], set[str]] | None:
    """Return the names that came out as they were written and those that were expanded; None for a broken script."""
    environment = {"PATH": os.defpath} | {name: f"={name.lower()}=" for name in names}
    ran = subprocess.run(
        ["dash", "-c", script],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    if ran.returncode or ran.stderr:
        return None
    return set(re.findall(r"PK_\d+_(?!\w)", ran.stdout)), {name.upper() for name in re.findall(r"pk_\d+_", ran.stdout)}


def test_as_dash_does(tmp_path: Path) -> None:
    require(None if shutil.which("dash") else "dash isn't installed: what a shell expands isn't checked against one")
    draw = random.Random(7)
    valid = 0
    for _ in range(1000 * hostile.SCALE):
        script, names = script_of(draw)
        said = what_dash_says(script, names, tmp_path)
        if said:
            found = {name for name, _ in unexpanded(script, names)}
            assert said[0] - said[1] <= found, script
            assert not (said[1] - said[0]) & found, script
            valid += 1
    assert valid > 300 * hostile.SCALE
