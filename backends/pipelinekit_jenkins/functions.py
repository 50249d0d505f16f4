"""The steps of each job as a function above the pipeline: each is a method of its own, so that more stages fit into the pipeline's."""

from pipelinekit.model.value import replace
from pipelinekit_jenkins import escape
from pipelinekit_jenkins.groovy import Call, Node, block, call, printed


def split(pipeline: Call) -> tuple[Call, tuple[str, ...]]:
    """The pipeline with calls in place of its jobs' steps, and the functions."""
    functions: dict[str, str] = {}
    return _outlined(pipeline, functions), tuple(functions.values())


def _outlined(node: Call, functions: dict[str, str]) -> Call:
    if node.name == "stage" and any(isinstance(each, Call) and each.name == "steps" for each in node.body or ()):
        return replace(node, body=tuple(_called(each, str(node.args[0]), functions) for each in node.body or ()))
    body = tuple(_outlined(each, functions) if isinstance(each, Call) else each for each in node.body or ())
    return node if node.body is None else replace(node, body=body)


def _called(node: Node, stage: str, functions: dict[str, str]) -> Node:
    if not isinstance(node, Call) or node.name != "steps":
        return node
    name = escape.function(stage)
    while name in functions:
        name += "_"
    functions[name] = f"def {name}() {{\n{printed(_free(node.body or ()), 1)}}}\n"
    return block("steps", call(name))


def _free(body: tuple[Node, ...]) -> tuple[Node, ...]:
    """Steps as a function takes them: all of it is script there."""
    if len(body) == 1 and isinstance(body[0], Call) and body[0].name == "script":
        return body[0].body or ()
    return body
