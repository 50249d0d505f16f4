"""The bytes that a pipeline takes in the one method that Jenkins compiles it to, which may have 65,535.

The numbers were measured with the Declarative parser and the CPS transformer; the length of texts costs nothing,
but for those that are joined from several literals.
"""

from collections.abc import Iterable

from pipelinekit_jenkins import escape
from pipelinekit_jenkins.groovy import Call, Chain, Code, Entry, Node, Template

WARN = 45_000
SPLIT = 50_000
REFUSE = 60_000


def estimate(pipeline: Call) -> int:
    return sum(_section(node) for node in pipeline.body or ())


def _section(node: Node) -> int:
    if not isinstance(node, Call):
        return 0
    body = node.body or ()
    match node.name:
        case "stages" | "parallel":
            return sum(_stage(each) for each in body if isinstance(each, Call))
        case "matrix":
            return _matrix(body)
        case "agent":
            return _agent(body)
        case "environment":
            return 66 + sum(_entry(each) for each in body if isinstance(each, Entry))
        case "options":
            return 160 * len(body)
        case "when":
            return 101 + sum(_condition(each) for each in body if isinstance(each, Call) and not each.name.startswith("before"))
        case "input":
            return 84
        case "post":
            return sum(132 + _steps(each.body or ()) for each in body if isinstance(each, Call))
        case "steps":
            return _steps(body)
        case _:
            return 0


def _stage(stage: Call) -> int:
    return 275 + sum(_section(each) for each in stage.body or ())


def _matrix(body: tuple[Node, ...]) -> int:
    cells = 1
    for axes in body:
        for axis in (axes.body or ()) if isinstance(axes, Call) and axes.name == "axes" else ():
            values = [line for line in (axis.body or ()) if isinstance(line, Code)] if isinstance(axis, Call) else []
            cells *= sum(line.text.count("', '") + 1 for line in values)
    return cells * 425 + sum(_section(each) for each in body)


def _agent(body: tuple[Node, ...]) -> int:
    inner = [each for each in body if isinstance(each, Call)]
    if not inner:
        return 0
    return 136 if inner[0].name == "label" else 160 + 28 * max(0, len(inner[0].body or ()) - 1)


def _entry(entry: Entry) -> int:
    if isinstance(entry.value, Template):
        return 390
    return 187 if isinstance(entry.value, Call) else 121


def _condition(node: Call) -> int:
    if node.name == "expression":
        text = "".join(each.text for each in node.body or () if isinstance(each, Code))
        return 259 + 80 * (text.count("&&") + text.count("||"))
    return 87 + sum(_condition(each) for each in node.body or () if isinstance(each, Call))


def _steps(body: Iterable[Node]) -> int:
    return sum(_step(each) for each in body)


def _step(node: Node) -> int:
    if isinstance(node, Chain):
        return sum(76 + _steps(body) for _, body in node.blocks)
    if not isinstance(node, Call):
        return 76
    inner = _steps(node.body or ())
    if node.name == "script":
        return 69 + max(60, inner)
    if node.name == "withCredentials":
        return 251 + inner
    texts = [each for each in (*node.args, *(each for _, each in node.named)) if isinstance(each, str)]
    return inner + sum(80 * (escape.literals(each) - 1) for each in texts) + (110 if len(node.args) + len(node.named) > 1 else 60)
