"""Every reader gets back exactly the data that was written."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from pipelinekit.text.yaml import Flow, Literal, Quoted, dump, dump_all
from tests.readers.engines import require
from tests.text import hostile

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
styles = st.fixed_dictionaries({"indent_sequences": st.booleans(), "blank_between": st.integers(0, 3)})


def ruamel(text: str) -> object:
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    loaded: object = reader.load(text)
    return loaded


def pyyaml(text: str) -> object:
    loaded: object = yaml.safe_load(text)
    return loaded


def libyaml(text: str) -> object:
    loaded: object = yaml.load(text, yaml.CSafeLoader)
    return loaded


READERS: list[Callable[[str], object]] = [libyaml, pyyaml, ruamel]


def check(text: str, data: object) -> None:
    for reader in READERS:
        assert hostile.typed(reader(text)) == hostile.typed(data), reader.__name__


@given(hostile.documents, styles)
@settings(max_examples=300 * hostile.SCALE, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_documents(data: object, style: dict[str, int]) -> None:
    check(dump(data, **style), data)  # type: ignore[arg-type]  # drawn options


@given(st.dictionaries(hostile.texts, st.lists(hostile.scalars, max_size=4), max_size=4))
@settings(max_examples=150 * hostile.SCALE, deadline=None)
def test_flow(data: dict[str, object]) -> None:
    check(dump({"a": Flow(data), "b": [Flow([data, data])]}), {"a": data, "b": [[data, data]]})


@given(hostile.texts)
@settings(max_examples=200 * hostile.SCALE, deadline=None)
def test_markers(text: str) -> None:
    marked = [Quoted(text), Literal(text), {"q": Quoted(text), "l": Literal(text)}, Flow([Quoted(text), Literal(text)])]
    check(dump(marked), [text, text, {"q": text, "l": text}, [text, text]])


@given(hostile.documents)
@settings(max_examples=200 * hostile.SCALE, deadline=None)
def test_without_escapes_there_are_no_double_quotes(data: object) -> None:
    try:
        text = dump(data, escapes=False)
    except ValueError:
        return
    assert libyaml(text) == data
    assert not any(isinstance(token, yaml.ScalarToken) and token.style == '"' for token in yaml.scan(text))


@given(st.lists(hostile.documents, min_size=1, max_size=3))
@settings(max_examples=100 * hostile.SCALE, deadline=None)
def test_several_documents(documents: list[object]) -> None:
    text = dump_all(documents, header=["Generated."])
    assert list(yaml.load_all(text, yaml.CSafeLoader)) == documents
    lines = text.splitlines()
    assert sum(line.startswith(("---", "...")) for line in text.split("\n")) == lines.count("---") == len(documents) - 1


@pytest.mark.parametrize("length", [990, 999, 1000, 1001, 1022, 1023, 1024, 1025, 70_000])
@pytest.mark.parametrize("unit", ["k", "é", "'", ": ", "\r"])
def test_long_texts(length: int, unit: str) -> None:
    text = (unit * length)[:length]
    data = {text: text, "a": [{text: {text: [text]}}]}
    check(dump(data), data)


def written() -> tuple[list[str], list[object]]:
    """Return documents with 10,000 hostile texts, and what they say."""
    draw = random.Random(20)
    data = [hostile.document(draw) for _ in range(50 * hostile.SCALE)]
    shown = [dump(document) for document in data]
    shown += [dump(document, indent_sequences=False, blank_between=2) for document in data]
    return shown, [*data, *data]


def test_thousands_of_texts() -> None:
    for text, data in zip(*written(), strict=True):
        assert hostile.typed(libyaml(text)) == hostile.typed(data)


@pytest.fixture(scope="session")
def goyaml(tmp_path_factory: pytest.TempPathFactory) -> Path:
    require(None if shutil.which("go") else "go isn't installed: the go-yaml readers of Drone and Concourse aren't run")
    program = tmp_path_factory.mktemp("goyaml") / "goyaml"
    build = ["go", "build", "-o", str(program), "."]
    built = subprocess.run(build, cwd=HERE / "goyaml", capture_output=True, text=True, check=False)
    require(None if built.returncode == 0 else f"tests/text/goyaml can't be built: {built.stderr}")
    return program


def ask(command: list[str], texts: list[str]) -> str:
    asked = subprocess.run(command, input=json.dumps(texts), capture_output=True, encoding="utf-8", check=True)
    return asked.stdout


def test_go_yaml_reads_the_same(goyaml: Path) -> None:
    texts, data = written()
    for reader, results in json.loads(ask([str(goyaml)], texts)).items():
        for result, wanted in zip(results, data, strict=True):
            assert hostile.typed(result) == hostile.typed(wanted), reader


def test_psych_reads_the_same() -> None:
    require(None if shutil.which("ruby") else "ruby isn't installed: GitLab's reader isn't run")
    texts, data = written()
    results = json.loads(ask(["ruby", str(HERE / "psych.rb")], texts))
    for result, wanted in zip(results, data, strict=True):
        assert hostile.typed(result) == hostile.typed(wanted)
