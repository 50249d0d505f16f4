"""Every YAML file means the same to a YAML 1.1 reader and to a YAML 1.2 reader.

GitLab (Psych), Drone (yaml.v2) and Concourse (yaml.v2) read YAML 1.1 in three dialects; editors, linters and
schema tools read 1.2. Here libyaml through PyYAML stands for 1.1 and ruamel.yaml for 1.2, and a list of plain
scalars covers what only Psych or yaml.v2 types.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError as RuamelError


@dataclass(frozen=True)
class Tagged:
    """A node with a tag of the system's own, such as GitLab's `!reference [.job, script]`."""

    tag: str
    value: Any


class _Loader11(yaml.CSafeLoader):
    """libyaml's reader, which also refuses duplicate keys and keeps foreign tags."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen and key_node.tag != "tag:yaml.org,2002:merge":
                mark = key_node.start_mark
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key!r}", mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def _tagged11(loader: _Loader11, suffix: str, node: yaml.Node) -> Tagged:
    if isinstance(node, yaml.SequenceNode):
        return Tagged(f"!{suffix}", loader.construct_sequence(node, deep=True))
    if isinstance(node, yaml.MappingNode):
        return Tagged(f"!{suffix}", loader.construct_mapping(node, deep=True))
    return Tagged(f"!{suffix}", node.value)


_Loader11.add_multi_constructor("!", _tagged11)


class _Constructor12(SafeConstructor):
    """ruamel.yaml's constructor, which also keeps foreign tags."""


def _tagged12(constructor: Any, tag: Any, node: Any) -> Tagged:
    if isinstance(node.value, list) and node.id == "sequence":
        return Tagged(f"!{tag}", constructor.construct_sequence(node, deep=True))
    if isinstance(node.value, list):
        return Tagged(f"!{tag}", constructor.construct_mapping(node, deep=True))
    return Tagged(f"!{tag}", node.value)


_Constructor12.add_multi_constructor("!", _tagged12)


def documents(text: str) -> list[Any]:
    """The documents of one file as YAML 1.1 data.

    Raises:
        yaml.YAMLError: the text is not YAML, or a mapping has a key twice.
    """
    return list(yaml.load_all(text, _Loader11))


def _documents12(text: str) -> list[Any]:
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    reader.Constructor = _Constructor12
    return list(reader.load_all(text))


def one_line(error: Exception) -> str:
    """A YAML error as one line: what is wrong, and where."""
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark else ""
    return f"{where}{problem}"


def yaml_files(files: Mapping[str, str]) -> dict[str, str]:
    """The files of one target that are YAML, by their ending."""
    return {path: text for path, text in files.items() if path.endswith((".yml", ".yaml"))}


def read(files: Mapping[str, str]) -> dict[str, list[Any]]:
    """The documents of each YAML file, as a YAML 1.1 reader sees them."""
    return {path: documents(text) for path, text in yaml_files(files).items()}


def problems(files: Mapping[str, str]) -> list[str]:
    """What two readers of these files could disagree about."""
    return [f"{path}: {problem}" for path, text in yaml_files(files).items() for problem in _in_text(text)]


def _in_text(text: str) -> Iterator[str]:
    yield from _characters(text)
    try:
        old, new = documents(text), _documents12(text)
    except (yaml.YAMLError, RuamelError) as error:
        yield one_line(error)
        return
    yield from _differences("", old, new)
    yield from _not_json("", old)
    yield from _plain_scalars(text)


def _characters(text: str) -> Iterator[str]:
    if text.startswith("\ufeff"):
        yield "starts with a byte order mark: GitLab then ignores parts of the file"
    if "\r" in text:
        yield "has a carriage return: it reaches the shell as part of the last word"
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("\t"):
            yield f"line {number}: is indented with a tab"
        if set("\x85\u2028\u2029") & set(line):
            yield f"line {number}: has a character that YAML 1.1 alone takes for a line break"


def _differences(where: str, old: Any, new: Any) -> Iterator[str]:
    """Where the two readers' data differ, types too (`True` is not `1`)."""
    if isinstance(old, dict) and isinstance(new, dict) and list(map(repr, old)) == list(map(repr, new)):
        for key in old:
            yield from _differences(f"{where}.{key}", old[key], new[key])
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (left, right) in enumerate(zip(old, new, strict=True)):
            yield from _differences(f"{where}[{index}]", left, right)
    elif isinstance(old, Tagged) and isinstance(new, Tagged) and old.tag == new.tag:
        yield from _differences(where, old.value, new.value)
    elif type(old) is not type(new) or repr(old) != repr(new):
        yield f"{where}: YAML 1.1 reads {old!r}, YAML 1.2 reads {new!r}"


def _not_json(where: str, data: Any) -> Iterator[str]:
    """Concourse and Cloud Build turn YAML into JSON: no dates, and keys are text."""
    if isinstance(data, date):
        yield f"{where}: is a date for some readers and text for others"
    elif isinstance(data, dict):
        for key, value in data.items():
            if not isinstance(key, str):
                yield f"{where}: the key {key!r} is not text"
            yield from _not_json(f"{where}.{key}", value)
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _not_json(f"{where}[{index}]", value)


_ONE_READER_ONLY = (
    (re.compile(r"[yYnN]"), "is a boolean for yaml.v2 (Drone, Concourse)"),
    (re.compile(r":.+"), "is a symbol for Psych (GitLab)"),
    (re.compile(r"[-+]?\d[\d,_]*,[\d,_]*(\.\d*)?"), "is a number for Psych (GitLab)"),
)


def _plain_scalars(text: str) -> Iterator[str]:
    """Unquoted scalars that a reader outside this module types, or that lose their spelling as a number."""
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.ScalarEvent) and event.implicit[0] and not event.style:
            reason = _trap(event.value)
            if reason and event.start_mark:
                yield f"line {event.start_mark.line + 1}: unquoted {event.value} {reason}"


def _trap(value: str) -> str:
    for pattern, reason in _ONE_READER_ONLY:
        if pattern.fullmatch(value):
            return reason
    read_back = yaml.safe_load(value) if re.match(r"[-+.]?\d", value) and not re.search(r"[:#]", value) else None
    if type(read_back) in (int, float) and json.dumps(read_back) != value:
        return f"is the number {json.dumps(read_back)}: its spelling is lost"
    return ""
