"""The quick door reads a call as typer does, or leaves it to typer."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelinekit.cli import quick
from pipelinekit.cli.app import app

VALUES = st.sampled_from(["gitlab", "drone", "x/pipeline.py", "out dir", "a=b", "", "-", "--all", "-x", "é"])
OPTIONS = st.sampled_from(["--target", "-t", "--file", "-f", "--output", "-o"])
WORDS = st.one_of(
    st.sampled_from([*quick.FLAGS, "--verbose", "-v", "--help", "--", "--al", "--no-check", "-h", "gitlab", "-tgitlab", "--unknown"]).map(
        lambda word: [word]
    ),
    st.tuples(OPTIONS, VALUES).map(list),
    st.tuples(OPTIONS, VALUES).map(lambda pair: ["=".join(pair)]),
    OPTIONS.map(lambda word: [word]),
)


def by_typer(words: list[str]) -> dict[str, Any] | None:
    """The options that typer hands on, or None where it refuses the call or helps instead."""
    seen: dict[str, Any] = {}

    def work(**options: Any) -> int:
        seen.update(options)
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelinekit.cli.render.render", work)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(SystemExit):
            app(args=["render", *words], prog_name="pipelinekit")
    return seen or None


@given(st.lists(WORDS, max_size=5).map(lambda groups: [word for group in groups for word in group]))
def test_where_it_answers_it_says_what_typer_says(words: list[str]) -> None:
    found = quick.options(words)
    if found is not None:
        assert dict(found) == by_typer(words)


@pytest.mark.parametrize(
    "words",
    [
        "--all",
        "--target gitlab",
        "--target=gitlab --target drone --file ci/pipeline.py",
        "-t gitlab -f p.py -o out --stdout --check --strict --force --json --sarif",
        "",
    ],
)
def test_plain_calls_need_no_typer(words: str) -> None:
    assert quick.options(words.split()) is not None


@pytest.mark.parametrize("words", ["--help", "-v", "--target", "--target=", "-tgitlab", "--unknown", "gitlab", "--file --all", "--"])
def test_everything_else_is_typers(words: str) -> None:
    assert quick.options(words.split()) is None


def test_both_know_the_same_options() -> None:
    assert set(quick.defaults()) == set(by_typer([]) or {})
    assert dict(quick.defaults()) == by_typer([])
