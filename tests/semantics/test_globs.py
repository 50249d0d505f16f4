"""Globs, as branches, tags and changed files are matched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinekit.check.events import overlap
from pipelinekit.semantics.globs import covers, matches

NAMES = {
    "main": (["main"], ["", "mainline", "x/main", "Main"]),
    "v*": (["v", "v1.4", "v1-rc.2"], ["1.4", "v1/4", "av1"]),
    "*": (["", "a", "v1.4"], ["a/b"]),
    "release/*": (["release/1.4", "release/"], ["release", "release/1/2", "x/release/1"]),
    "release/*/fix": (["release/1/fix"], ["release/fix", "release/1/2/fix"]),
    "**": (["", "a", "a/b/c"], []),
    "hotfix/**": (["hotfix/", "hotfix/a", "hotfix/a/b"], ["hotfix", "hotfixes/a", "x/hotfix/a"]),
    "**/x": (["a/x", "a/b/x", "/x"], ["x", "ax", "x/a"]),
    "a**/b": (["a/b", "ax/b", "a/x/b"], ["ab", "b"]),
    "a**b": (["ab", "a/b", "axb"], ["a/c"]),
    "***": (["", "a/b"], []),
    "a.b": (["a.b"], ["axb"]),
}
FILES = {
    "mkdocs.yml": (["mkdocs.yml"], ["docs/mkdocs.yml", "mkdocsxyml"]),
    "src/**": (["src/a", "src/a/b.py"], ["src", "srcs/a", "x/src/a"]),
    "src/": (["src/a", "src/a/b.py"], ["src", "srcs/a", "x/src/a"]),
    "jobs/*/": (["jobs/a/b", "jobs/a/b/c"], ["jobs/a", "jobs"]),
    "**/x": (["x", "a/x", "a/b/x"], ["ax", "a/xx", "x/a"]),
    "a/**/b": (["a/b", "a/c/b", "a/c/d/b"], ["ab", "a/cb", "b"]),
    "batch/**/*.py": (["batch/a.py", "batch/x/y/a.py"], ["batch/a.pyc", "a.py", "batch/x/a.py/y"]),
    "*.py": (["a.py", ".py"], ["a/b.py", "a.pyx"]),
    "**": (["a", "a/b/c"], []),
}


@pytest.mark.parametrize("glob", NAMES)
def test_names_of_branches_and_tags(glob: str) -> None:
    yes, no = NAMES[glob]
    assert [text for text in yes if not matches(glob, text)] == []
    assert [text for text in no if matches(glob, text)] == []


@pytest.mark.parametrize("glob", FILES)
def test_files(glob: str) -> None:
    yes, no = FILES[glob]
    assert [path for path in yes if not covers(glob, path)] == []
    assert [path for path in no if covers(glob, path)] == []


def test_a_line_break_is_a_letter() -> None:
    assert matches("**", "a\nb") and matches("*", "a\nb") and not matches("a", "a\n")


parts = st.sampled_from(["a", "b", "/", "*", "**", ".", "-"])
globs = st.lists(parts, min_size=1, max_size=6).map("".join)
texts = st.text("ab/.-", max_size=6)


@given(globs, texts)
def test_letters_match_themselves(glob: str, text: str) -> None:
    assert matches(text, text)
    if "*" not in glob:
        assert matches(glob, text) == (glob == text)


@given(globs, globs, texts)
def test_two_globs_of_one_text_overlap(one: str, other: str, text: str) -> None:
    if matches(one, text) and matches(other, text):
        assert overlap(one, other)
