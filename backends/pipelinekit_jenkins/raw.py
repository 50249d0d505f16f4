"""`raw={"jenkins": {…}}`: statements in Groovy, laid over a stage or the pipeline by the names of their sections."""

from collections.abc import Mapping
from typing import Any

from pipelinekit.model.value import replace
from pipelinekit_jenkins.groovy import Call, Code, Entry, Node, block

STAGE = ("agent", "when", "options", "environment", "input", "tools", "steps", "stages", "parallel", "matrix", "post")
PIPELINE = ("agent", "environment", "options", "parameters", "triggers", "tools", "libraries", "stages", "post")


def overlay(node: Call, raw: Mapping[str, Any] | None, order: tuple[str, ...] = ()) -> Call:
    """The block with `raw` over it: a mapping goes into the section of that name, a text replaces it, None removes it.

    `{"options": {"timestamps": "timestamps()"}, "tools": {"jdk": "jdk 'temurin-21'"}}`
    """
    body = list(node.body or ())
    for name, value in (raw or {}).items():
        at = next((index for index, each in enumerate(body) if _name(each) == name), None)
        old = None if at is None else body.pop(at)
        if value is not None:
            body.insert(_place(body, name, order) if at is None else at, _laid(old, name, value))
    return replace(node, body=tuple(body))


def _laid(old: Node | None, name: str, value: Any) -> Node:
    if not isinstance(value, Mapping):
        return Code(str(value))
    return overlay(old if isinstance(old, Call) and old.body is not None else block(name), value)


def _name(node: Node) -> str:
    match node:
        case Call(name=name) | Entry(name=name):
            return name
        case Code(text=text):
            return text.split(" ", 1)[0].split("(", 1)[0]
        case _:
            return ""


def _place(body: list[Node], name: str, order: tuple[str, ...]) -> int:
    """Where a new section belongs among the others."""
    if name not in order:
        return len(body)
    later = order[order.index(name) + 1 :]
    return next((index for index, each in enumerate(body) if _name(each) in later), len(body))
