"""The command line as a function: words in, exit code and what was printed out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from pipelinekit.cli import main


class Ended(NamedTuple):
    """How a call ended."""

    code: int
    out: str
    err: str


Call = Callable[..., Ended]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """`call("render", "--all")` runs the command line in this process."""

    def run(*words: str) -> Ended:
        with pytest.raises(SystemExit) as ended:
            main(words)
        out, err = capsys.readouterr()
        code = ended.value.code
        return Ended(code if isinstance(code, int) else int(bool(code)), out, err)

    return run
