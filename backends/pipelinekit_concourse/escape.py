"""What Concourse 7.6 to 8.2 does to text, and how text is written so that nothing happens to it.

`((name))` is looked up as a variable in every string of the pipeline, keys too, and can't be escaped (`interpolationRegex` in
`vars/template.go`; here with Python's wider idea of a letter). So a string that must keep such brackets is never written:
scripts are cut between them and put together by the shell, words are quoted in two pieces. Nothing else is changed: params
are text for the process (`CoercedString` in `atc/task.go` spells numbers anew, so none is written), args are an exec's words.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from pipelinekit.text.shell import quote

_VARIABLE = re.compile(r"\(\(([-/.\w]+:)?[-/.:@\"\w]+\)\)")


def variable(name: str) -> str:
    """`((name))`, a key of the credential store."""
    return f"(({name}))"


def lookups(text: str) -> list[str]:
    """Each `((name))` that Concourse would look up in a text."""
    return [match[0] for match in _VARIABLE.finditer(text)]


def survives(text: str) -> bool:
    """Whether a text may stand in the file as it is."""
    return _VARIABLE.search(text) is None


def local(name: str) -> str:
    """`((.:name))`, a variable of the build: a value of `across`, or what `load_var` has read."""
    return f"((.:{name}))"


def is_local(lookup: str) -> bool:
    return lookup.startswith("((.:")


def export(variables: Iterable[tuple[str, str]]) -> list[str]:
    """Lines that give a process the values that `params` can't hold."""
    return [f"export {name}={word(text)}" for name, text in variables if not survives(text)]


def params(variables: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Those that they can."""
    return {name: text for name, text in variables if survives(text)}


def pieces(script: str) -> list[str]:
    """The script, cut between the brackets of each text that Concourse would take for a variable."""
    cuts = [0, *(match.start() + 1 for match in _VARIABLE.finditer(script)), len(script)]
    return [script[start:end] for start, end in pairwise(cuts)]


def word(text: str) -> str:
    """One word of the shell, without two opening brackets in a row."""
    return re.sub(r"\((?=\()", "(''", quote(text))


def shell(script: str, name: str) -> dict[str, Any]:
    """`path` and `args` of a task that runs the script in `sh -e` or `bash -eo pipefail`, byte by byte as it is."""
    options = ["-eo", "pipefail", "-c"] if name == "bash" else ["-ec"]
    parts = pieces(script)
    if len(parts) == 1:
        return {"path": name, "args": [*options, script]}
    again = f"exec {name} {' '.join(options)} {joined(len(parts))}"
    return {"path": name, "args": [*options, again, name, *parts]}


def joined(count: int) -> str:
    """The first `count` arguments of a script as one word."""
    return '"' + "".join(f"${number}" if number < 10 else f"${{{number}}}" for number in range(1, count + 1)) + '"'


def strings(data: Any) -> Iterator[str]:
    """Every text of a document, keys too."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from strings(value)
    elif isinstance(data, Sequence):
        for value in data:
            yield from strings(value)
    elif hasattr(data, "value"):
        yield from strings(data.value)
