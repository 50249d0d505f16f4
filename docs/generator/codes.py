"""A page per diagnostic code, from the examples in docs/diagnostics/examples.toml, which are run."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

from docs.generator.shell import run

Example: TypeAlias = Mapping[str, str]

FILE = Path(__file__).parent.parent / "diagnostics" / "examples.toml"
CHECK = "pipelinekit check"


def examples() -> dict[str, Example]:
    """The examples by code."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def command(example: Example, which: str) -> str:
    """What is called on the `bad` or `good` definition of an example."""
    return example.get(f"command_{which}") or example.get("command", CHECK)


def before(example: Example, which: str) -> list[str]:
    """What is typed before that."""
    text = example.get("before", "") if which == "bad" else example.get("before_good", "")
    return text.split("\n")[:-1]


def output(example: Example, which: str) -> str:
    """What the call prints on the `bad` or `good` definition of an example."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pipeline.py").write_text(example[which], encoding="utf-8")
        for line in before(example, which):
            run(line, folder)
        return run(command(example, which), folder)
