"""The plugins that a Jenkinsfile needs, one id a line, as `jenkins-plugin-cli --plugin-file` reads them."""

from collections.abc import Iterable, Iterator, Mapping

from pipelinekit_jenkins.groovy import Call, Chain, Closure, Code, Entry, Node

_ALWAYS = ("workflow-aggregator", "workflow-multibranch", "git")
_BY_NAME: Mapping[str, tuple[str, ...]] = {
    "docker": ("docker-workflow",),
    "credentials": ("credentials-binding", "plain-credentials"),
    "withCredentials": ("credentials-binding", "plain-credentials"),
    "lock": ("lockable-resources",),
    "milestone": ("pipeline-milestone-step",),
    "input": ("pipeline-input-step",),
    "junit": ("junit",),
    "cache": ("jobcacher",),
    "cached": ("jobcacher",),
    "parameterizedCron": ("parameterized-scheduler",),
    "timestamps": ("timestamper",),
    "ansiColor": ("ansicolor",),
    "cleanWs": ("ws-cleanup",),
    "kubernetes": ("kubernetes",),
}


def needed(pipeline: Call) -> Iterator[str]:
    """The ids, in alphabetical order."""
    found = {plugin for name in _names((pipeline,)) for plugin in _BY_NAME.get(name, ())}
    return iter(sorted(found.union(_ALWAYS)))


def _names(nodes: Iterable[Node]) -> Iterator[str]:
    """The names of all calls, those in values among them."""
    for node in nodes:
        match node:
            case Call():
                yield node.name.split(".", 1)[0]
                yield from _in_values((*node.args, *(value for _, value in node.named)))
                yield from _names(node.body or ())
            case Chain(blocks=blocks):
                for _, body in blocks:
                    yield from _names(body)
            case Entry(value=value):
                yield from _in_values((value,))
            case Code(text=text):
                yield text.split("(", 1)[0].split(" ", 1)[0]
            case _:
                pass


def _in_values(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        match value:
            case Call():
                yield from _names((value,))
            case Closure(body=body):
                yield from _names(body)
            case tuple():
                yield from _in_values(value)
            case Mapping():
                yield from _in_values(value.values())
            case _:
                pass
