"""The plugins that a Jenkinsfile needs, `id:version` a line, as `jenkins-plugin-cli --plugin-file` reads them."""

from collections.abc import Iterable, Iterator, Mapping

from pipelinekit_jenkins.groovy import Call, Chain, Closure, Code, Entry, Node

SOURCE = "jenkinsci/bom at f1b56ceb (23 June 2026), the last with a line of its own for Jenkins 2.528: bom-2.528.x, then bom-weekly"
"""Whose versions are built and tested together with that Jenkins."""

VERSIONS: Mapping[str, str] = {
    "ansicolor": "536.v13fa_b_860c267",
    "basic-branch-build-strategies": "317.v85b_331d6cc42",
    "credentials-binding": "725.ve52b_2328a_fde",
    "docker-workflow": "634.vedc7242b_eda_7",
    "git": "5.10.1",
    "jobcacher": "842.v74b_a_026267b_6",
    "junit": "1369.v15da_00283f06",
    "kubernetes": "4423.vb_59f230b_ce53",
    "lockable-resources": "1509.va_6b_5b_5cb_0b_40",
    "parameterized-scheduler": "379.v95c73f233a_df",
    "pipeline-input-step": "551.vdff487c5998c",
    "pipeline-milestone-step": "152.v6e22b_8cfc66c",
    "pipeline-model-definition": "2.2291.v2934911987b_6",
    "plain-credentials": "199.v9f8e1f741799",
    "timestamper": "1.30",
    "workflow-aggregator": "608.v67378e9d3db_1",
    "workflow-multibranch": "821.vc3b_4ea_780798",
    "ws-cleanup": "0.49",
}
"""By id, from SOURCE; workflow-aggregator, which no bom holds, from its page of releases on plugins.jenkins.io."""

_ALWAYS = ("workflow-aggregator", "workflow-multibranch", "pipeline-model-definition", "git")
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
    """Each with its version, in alphabetical order."""
    found = {plugin for name in _names((pipeline,)) for plugin in _BY_NAME.get(name, ())}
    return map(pinned, sorted(found.union(_ALWAYS)))


def pinned(plugin: str) -> str:
    return f"{plugin}:{VERSIONS[plugin]}"


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
