"""A Jenkinsfile as a tree: calls, blocks and values, printed with exact quoting.

Texts become `'…'` or `'''…'''`, in which Groovy expands nothing; `"…"` is printed for the few templates whose `${…}` Groovy shall
expand.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from pipelinekit.model.value import replace, value
from pipelinekit_jenkins import escape
from pipelinekit_jenkins.escape import quoted

_INDENT = "  "
_LINE = 80
_ON_ONE_LINE = frozenset({"agent", "not", "expression"})


@value
class Code:
    """Groovy as it is: an expression, or a statement."""

    text: str


@value
class Template:
    """A text in which Groovy expands `${…}`."""

    text: str


@value
class Closure:
    """`{ … }` as a value."""

    body: tuple["Node", ...]


@value
class Entry:
    """`NAME = value` in an `environment` block."""

    name: str
    value: "Value"


@value
class Comment:
    """One line for the reader."""

    text: str


@value
class Call:
    """`name value`, `name(key: value)`, `name { … }`. `tight` asks for parentheses where the statement could do without."""

    name: str
    args: tuple["Value", ...] = ()
    named: tuple[tuple[str, "Value"], ...] = ()
    body: tuple["Node", ...] | None = None
    tight: bool = False


@value
class Chain:
    """Blocks that belong together: `try { … } finally { … }`, `if (…) { … }`."""

    blocks: tuple[tuple[str, tuple["Node", ...]], ...]


Value: TypeAlias = "str | bool | int | Code | Template | Closure | Call | tuple[Value, ...] | dict[str, Value]"
Node: TypeAlias = Call | Chain | Code | Comment | Entry


def call(name: str, /, *args: Value, **named: Value) -> Call:
    """The statement `name args`, or `name key: value, …`."""
    return Call(name, args, tuple(named.items()))


def option(name: str, /, *args: Value, **named: Value) -> Call:
    """The same with parentheses, as entries of `options` and wrappers are written."""
    return Call(name, args, tuple(named.items()), tight=True)


def block(name: str, /, *body: Node, args: tuple[Value, ...] = ()) -> Call:
    return Call(name, args, body=body)


def within(wrapper: Call, *body: Node) -> Call:
    """The wrapper with a body: `timeout(time: 5, unit: 'MINUTES') { … }`."""
    return replace(wrapper, body=body)


def section(name: str, body: Iterable[Node]) -> tuple[Call, ...]:
    """A section, or nothing when it would be empty: Declarative refuses empty ones."""
    nodes = tuple(body)
    return (block(name, *nodes),) if nodes else ()


def text(value: str) -> Value:
    """A literal, or a template where the text holds `${NAME}`."""
    return Template(value) if escape.is_template(value) else value


def printed(nodes: Sequence[Node], depth: int = 0) -> str:
    """The statements, each on lines of its own."""
    return "".join(f"{_INDENT * depth}{_statement(node, depth)}\n" for node in nodes)


def _statement(node: Node, depth: int) -> str:
    match node:
        case Code(text=line):
            return line.replace("\n", f"\n{_INDENT * depth}")
        case Comment(text=line):
            return f"// {escape.comment(line)}"
        case Entry(name=name, value=value):
            return f"{name} = {literal(value, depth)}"
        case Chain(blocks=blocks):
            return " ".join(f"{head} {_braces(body, depth)}" for head, body in blocks)
        case Call():
            return _call(node, depth)


def _call(node: Call, depth: int) -> str:
    arguments = ", ".join(_arguments(node, depth))
    if node.body is not None:
        head = f"{node.name}({arguments})" if arguments else node.name
        return f"{head} {_braces(node.body, depth, short=node.name in _ON_ONE_LINE)}"
    if arguments and not node.tight:
        return f"{node.name} {arguments}"
    return f"{node.name}({arguments})"


def _arguments(node: Call, depth: int) -> Iterator[str]:
    yield from (literal(value, depth) for value in node.args)
    yield from (f"{key}: {literal(value, depth)}" for key, value in node.named)


def _braces(body: Sequence[Node], depth: int, *, short: bool = False) -> str:
    inner = printed(body, depth + 1)
    if short and inner.count("\n") == 1:
        return f"{{ {inner.strip()} }}"
    return f"{{\n{inner}{_INDENT * depth}}}"


def literal(value: Value, depth: int = 0) -> str:
    """A value as Groovy writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return quoted(value)
        case Code():
            return value.text
        case Template():
            return escape.template(value.text)
        case Closure():
            return _braces(value.body, depth)
        case Call():
            return _call(replace(value, tight=True), depth)
        case tuple():
            return _list(value, depth)
        case Mapping():
            return _map(value, depth)


def _list(items: tuple[Value, ...], depth: int) -> str:
    """On one line, or an item a line where that would be long."""
    line = f"[{', '.join(literal(item, depth) for item in items)}]"
    if len(line) <= _LINE:
        return line
    inner = "".join(f"{_INDENT * (depth + 1)}{literal(item, depth + 1)},\n" for item in items)
    return f"[\n{inner}{_INDENT * depth}]"


def _map(value: Mapping[str, Any], depth: int) -> str:
    if not any(isinstance(item, Closure | dict) for item in value.values()):
        return f"[{', '.join(f'{_key(key)}: {literal(item, depth)}' for key, item in value.items())}]"
    inner = "".join(f"{_INDENT * (depth + 1)}{_key(key)}: {literal(item, depth + 1)},\n" for key, item in value.items())
    return f"[\n{inner}{_INDENT * depth}]"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) else quoted(name)
