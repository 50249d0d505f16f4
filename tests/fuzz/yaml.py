"""The writer, read by everybody whose reader one of the engines uses: each text as a value, a key, an item, in a flow, a block and quotes."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import ruamel.yaml
import yaml

from pipelinekit.text.yaml import Flow, Literal, Quoted, dump
from tests.fuzz.place import Carried, Place

HERE = Path(__file__).parent.parent / "text"
LONGEST_KEY = 900


def _document(text: str) -> dict[str, Any]:
    """A text in each way that a backend writes one. As a key, a long one would be out of YAML's own bounds."""
    document: dict[str, Any] = {
        "value": text,
        "items": [text, [text]],
        "flow": Flow([text, {"a": text}]),
        "literal": Literal(text),
        "quoted": Quoted(text),
    }
    return document | ({"keys": {text: {text: 1}}} if len(text) < LONGEST_KEY else {})


def _text(read: Any) -> str | None:
    """The text that all of a document's places hold, or None when they differ."""
    if not isinstance(read, dict):
        return None
    value = read.get("value")
    plain = {"value": value, "items": [value, [value]], "flow": [value, {"a": value}], "literal": value, "quoted": value}
    if isinstance(value, str) and len(value) < LONGEST_KEY:
        plain["keys"] = {value: {value: 1}}
    return value if isinstance(value, str) and read == plain else None


def _here(load: Callable[[str], Any], texts: Sequence[str]) -> list[Carried]:
    found = load(dump([_document(text) for text in texts]))
    return [_text(each) for each in found]


def _ruamel(text: str) -> Any:
    reader = ruamel.yaml.YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    return reader.load(text)


@cache
def goyaml() -> tuple[str, str | None]:
    """The program with the four go-yaml readers, or why there is none."""
    if shutil.which("go") is None:
        return "", "go isn't installed"
    program = Path(tempfile.mkdtemp(prefix="goyaml-")) / "goyaml"
    built = subprocess.run(["go", "build", "-o", str(program), "."], cwd=HERE / "goyaml", capture_output=True, text=True, check=False)
    return str(program), None if built.returncode == 0 else f"tests/text/goyaml can't be built: {built.stderr}"


def _ask(words: Sequence[str], texts: Sequence[str]) -> Any:
    documents = json.dumps([dump(_document(text)) for text in texts])
    return json.loads(subprocess.run(words, input=documents, capture_output=True, encoding="utf-8", check=True).stdout)


def _go(texts: Sequence[str]) -> list[Carried]:
    """What all four readers agree on."""
    readers = list(_ask([goyaml()[0]], texts).values())
    return [_text(found[0]) if all(each == found[0] for each in found) else None for found in zip(*readers, strict=True)]


def _psych(texts: Sequence[str]) -> list[Carried]:
    return [_text(found) for found in _ask(["ruby", str(HERE / "psych.rb")], texts)]


PLACES = [
    Place("yaml", "document", f"PyYAML {version('pyyaml')}, libyaml", partial(_here, lambda text: yaml.load(text, yaml.CSafeLoader))),
    Place("yaml", "document", f"PyYAML {version('pyyaml')}, pure", partial(_here, yaml.safe_load), batch=200),
    Place("yaml", "document", f"ruamel.yaml {version('ruamel.yaml')}, 1.2", partial(_here, _ruamel), batch=100),
    Place("yaml", "document", "go-yaml v2 and v3, both homes", _go, lambda: goyaml()[1]),
    Place("yaml", "document", "Psych (Ruby)", _psych, lambda: None if shutil.which("ruby") else "ruby isn't installed"),
]
