"""The quick door: plain calls of `render`, read without typer, whose import costs more than the rendering.

It knows a few spellings of the options that app.render declares and gives up (None) on everything else, so that typer
reads it, completes it and says what is wrong with it. A test compares the two over generated calls.
"""

from collections.abc import Sequence
from typing import Any, TypedDict


class RenderOptions(TypedDict):
    """The keyword arguments of `cli.render.render`."""

    targets: list[str]
    every: bool
    file: str
    output: str | None
    stdout: bool
    check: bool
    strict: bool
    force: bool
    json: bool
    sarif: bool
    verbose: bool


FLAGS = {
    "--all": "every",
    "--stdout": "stdout",
    "--check": "check",
    "--strict": "strict",
    "--force": "force",
    "--json": "json",
    "--sarif": "sarif",
}
VALUES = {"--target": "targets", "-t": "targets", "--file": "file", "-f": "file", "--output": "output", "-o": "output"}


def defaults() -> RenderOptions:
    return {
        "targets": [],
        "every": False,
        "file": "pipeline.py",
        "output": None,
        "stdout": False,
        "check": False,
        "strict": False,
        "force": False,
        "json": False,
        "sarif": False,
        "verbose": False,
    }


def options(words: Sequence[str]) -> RenderOptions | None:
    """The options that the words of a call say, or None where typer must look."""
    found: dict[str, Any] = dict(defaults())
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if word in FLAGS:
            found[FLAGS[word]] = True
        elif name in VALUES and (not equals or name.startswith("--")):
            value = value if equals else next(rest, "")
            if not value or value.startswith("-"):
                return None
            if VALUES[name] == "targets":
                found["targets"] = [*found["targets"], value]
            else:
                found[VALUES[name]] = value
        else:
            return None
    return found  # type: ignore[return-value]  # built from the defaults, by their names
