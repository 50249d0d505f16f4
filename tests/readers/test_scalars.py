"""What a YAML 1.1 and a YAML 1.2 reader would read differently is found, and ordinary files are not."""

from __future__ import annotations

import pytest

from . import scalars

GOOD = """\
# header
stages: [test, 'deploy']
variables: {PY: '3.10', OCTAL: "012", MODE: 'on', 'N': 'n', AT: '19:00', DAY: '2024-01-01', RETRY: 3, RATIO: 0.5}
test:
  script:
    - |
      cat <<-EOF
      \ttabs may stand in a block
      EOF
    - 'echo "a: b"'
    - !reference [.setup, script]
  only_when: true
  nothing: null
---
second: {a: &x [1, 2], b: *x, c: !own {d: e}, f: !own g}
"""

BAD = {
    "bom": ("\ufeffa: 1\n", ["starts with a byte order mark: GitLab then ignores parts of the file"]),
    "carriage return": ("a: 1\r\n", ["has a carriage return: it reaches the shell as part of the last word"]),
    "line break of 1.1": (
        'a: "x\x85y"\n',
        ["line 1: has a character that YAML 1.1 alone takes for a line break"],
    ),
    "tab": (
        "a: 'x\n\ty'\n",
        ["line 2: is indented with a tab"],
    ),
    "not YAML": ("a: [1\n", ["line 2: did not find expected ',' or ']'"]),
    "tab as a separator": (
        "a:\n\t- 1\n",
        ["line 2: is indented with a tab", "line 2: found character that cannot start any token"],
    ),
    "duplicate key": ("a:\n  b: 1\n  b: 2\n", ["line 3: duplicate key 'b'"]),
    "boolean": ("a: on\n", ["[0].a: YAML 1.1 reads True, YAML 1.2 reads 'on'"]),
    "boolean key": (
        "on: 1\n",
        ["[0]: YAML 1.1 reads {True: 1}, YAML 1.2 reads {'on': 1}", "[0]: the key True is not text"],
    ),
    "octal": (
        "a: 012\n",
        ["[0].a: YAML 1.1 reads 10, YAML 1.2 reads 12", "line 1: unquoted 012 is the number 10: its spelling is lost"],
    ),
    "new octal": ("a: 0o17\n", ["[0].a: YAML 1.1 reads '0o17', YAML 1.2 reads 15"]),
    "exponent": ("a: 1e3\n", ["[0].a: YAML 1.1 reads '1e3', YAML 1.2 reads 1000.0"]),
    "sixty": ("a: 19:00\n", ["[0].a: YAML 1.1 reads 1140, YAML 1.2 reads '19:00'"]),
    "in a tag": ("a: !reference [x, yes]\n", ["[0].a[1]: YAML 1.1 reads True, YAML 1.2 reads 'yes'"]),
    "date": ("a: 2024-01-01\n", ["[0].a: is a date for some readers and text for others"]),
    "number as key": ("a: [{80: x}]\n", ["[0].a[0]: the key 80 is not text"]),
    "y": ("a: y\n", ["line 1: unquoted y is a boolean for yaml.v2 (Drone, Concourse)"]),
    "n as key": ("n: x\n", ["line 1: unquoted n is a boolean for yaml.v2 (Drone, Concourse)"]),
    "symbol": ("a: :latest\n", ["line 1: unquoted :latest is a symbol for Psych (GitLab)"]),
    "comma": ("a: 1,000\n", ["line 1: unquoted 1,000 is a number for Psych (GitLab)"]),
    "version": ("a: 3.10\n", ["line 1: unquoted 3.10 is the number 3.1: its spelling is lost"]),
    "hexadecimal": ("a: 0x1F\n", ["line 1: unquoted 0x1F is the number 31: its spelling is lost"]),
}


def test_a_good_file_has_no_problem() -> None:
    assert scalars.problems({"ci.yml": GOOD, "notes.txt": "a: on\r\n"}) == []


def test_documents_are_read_as_data() -> None:
    documents = scalars.read({"ci.yml": GOOD, "script.sh": "a: on"})["ci.yml"]
    assert documents[0]["test"]["script"][2] == scalars.Tagged("!reference", [".setup", "script"])
    assert documents[1]["second"] == {
        "a": [1, 2],
        "b": [1, 2],
        "c": scalars.Tagged("!own", {"d": "e"}),
        "f": scalars.Tagged("!own", "g"),
    }


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_says_what_and_where(case: str) -> None:
    text, expected = BAD[case]
    assert scalars.problems({"ci.yml": text}) == [f"ci.yml: {problem}" for problem in expected]
