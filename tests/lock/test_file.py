"""The lock file: what is written is read again, and what nobody should have written is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinekit.diagnostics import DefinitionError
from pipelinekit.lock.file import FORMAT, NAME, parsed, place, read, written

DIGEST = f"sha256:{'5' * 64}"
NAMES = st.from_regex(
    r"([a-z0-9]{1,9}(\.[a-z]{2,3})(:[0-9]{2,5})?/)?[a-z0-9][a-z0-9._-]{0,20}(/[a-z0-9]{1,9})?(:[A-Za-z0-9_][\w.-]{0,20})?", fullmatch=True
)
ASCII = NAMES.filter(str.isascii)


@given(st.dictionaries(ASCII, st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True)))
def test_what_is_written_is_read(digests: dict[str, str]) -> None:
    text = written(digests)
    assert parsed(text) == digests
    lines = [line for line in text.splitlines() if "@" in line]
    assert lines == sorted(lines, key=lambda line: line.partition("@")[0])
    assert written(dict(reversed(digests.items()))) == text


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 0, "it lacks the line 'format 1'"),
        ("# nothing\n", 0, "it lacks the line 'format 1'"),
        ("format 2\n", 1, "'format 2' stands where 'format 1' should (another version"),
        (f"a:1@{DIGEST}\n", 1, "stands where 'format 1' should"),
        (f"{FORMAT}\n<<<<<<< HEAD\na:1@{DIGEST}\n", 2, "'<<<<<<< HEAD' is no name:tag@sha256:…"),
        (f"# x\n\n{FORMAT}\na:1@{DIGEST[:-1]}\n", 4, "is no name:tag@sha256:…"),
        (f"{FORMAT}\na:1@{DIGEST.upper()}\n", 2, "is no name:tag@sha256:…"),
        (f"{FORMAT}\n a:1@{DIGEST}\n", 2, "is no name:tag@sha256:…"),
        (f"{FORMAT}\n$(x):1@{DIGEST}\n", 2, "is no name:tag@sha256:…"),
        (f"{FORMAT}\na:1@{DIGEST}\nb:1@{DIGEST}\na:1@{DIGEST}\n", 4, "a:1 is there twice"),
    ],
)
def test_a_broken_lock_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        parsed(text, "x/pipelinekit.lock")
    (said,) = refused.value.diagnostics
    assert (said.code, said.level, said.source.file, said.source.line) == ("PK040", "error", "x/pipelinekit.lock", line)
    assert words in str(said)
    assert "\n" not in str(said)


def test_no_file_is_no_lock(tmp_path: Path) -> None:
    assert read(str(tmp_path / NAME)) is None


@pytest.mark.parametrize("make", [lambda path: path.mkdir(), lambda path: path.write_bytes(b"format 1\n\xff\n")])
def test_an_unreadable_file_is_one_line(tmp_path: Path, make: object) -> None:
    assert callable(make)
    make(tmp_path / NAME)
    with pytest.raises(DefinitionError, match=r"PK040.*can't read"):
        read(str(tmp_path / NAME))


def test_it_lies_beside_the_definition() -> None:
    assert place("pipeline.py") == NAME
    assert place("a/b/pipeline.py") == f"a/b/{NAME}"
